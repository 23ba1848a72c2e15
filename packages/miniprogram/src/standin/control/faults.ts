import { signatureHeaders } from "../../wechat/pay/platform-signature.js";
import { failure } from "../api/api-reply.js";
import {
  dropped,
  type Handle,
  json,
  type Route,
  type RouteFailures,
  type StandinReply,
  type StandinRequest,
} from "../http/exchange.js";
import { payFailure } from "../pay/merchant-route.js";

export const faultKinds = [
  "busy",
  "rate-limited",
  "drop",
  "drop-after",
  "hang",
  "forged",
  "unsigned",
  "garbage",
] as const;

/**
 * What goes wrong with the next requests: `busy` (-1 or SYSTEM_ERROR), `rate-limited` (45011 or FREQUENCY_LIMITED);
 * `drop` breaks the connection before the request is looked at, `drop-after` when it has taken effect; `hang` never
 * answers; `forged` and `unsigned` spoil the signature of a pay answer; `garbage` answers no JSON.
 */
export type FaultKind = (typeof faultKinds)[number];

interface Fault {
  readonly kind: FaultKind;
  readonly path: string;
  left: number;
}

/** Faults that tests have ordered, in the order of their ordering. */
export class Faults {
  #ordered: Fault[] = [];

  order(kind: FaultKind, path: string, times: number): void {
    this.#ordered.push({ kind, path, left: times });
  }

  /** The same routes, with the faults in front. */
  around(routes: readonly Route[]): Route[] {
    return routes.map((route) => ({ ...route, handle: this.#around(route) }));
  }

  #around({ handle, failures }: Route): Handle {
    return async (request, parameters) => {
      const fault = this.#ordered.find((candidate) => request.path.startsWith(candidate.path));
      if (fault === undefined) return handle(request, parameters);
      if (--fault.left <= 0) this.#ordered = this.#ordered.filter((other) => other !== fault);
      const answer = async (): Promise<StandinReply> => handle(request, parameters);
      if (failures !== undefined && isVendorFault(fault.kind))
        return vendorSpoil(fault.kind, failures, request, answer);
      return spoil(fault.kind, request.path.startsWith("/v3/"), answer);
    };
  }
}

type VendorFault = "busy" | "rate-limited" | "forged" | "unsigned";

function isVendorFault(kind: FaultKind): kind is VendorFault {
  return kind === "busy" || kind === "rate-limited" || kind === "forged" || kind === "unsigned";
}

/** The faults that look different on each vendor's wire. */
async function vendorSpoil(
  kind: VendorFault,
  failures: RouteFailures,
  request: StandinRequest,
  answer: () => Promise<StandinReply>,
): Promise<StandinReply> {
  if (kind === "busy") return failures.busy(request);
  if (kind === "rate-limited") return failures.rateLimited(request);
  const reply = await answer();
  return failures[kind]?.(reply) ?? reply;
}

async function spoil(
  kind: FaultKind,
  isPay: boolean,
  handle: () => StandinReply | Promise<StandinReply>,
): Promise<StandinReply> {
  switch (kind) {
    case "busy":
      return isPay ? payFailure(500, "SYSTEM_ERROR", "busy") : failure(-1, "system error");
    case "rate-limited":
      return isPay ? payFailure(429, "FREQUENCY_LIMITED", "too often") : failure(45011, "api minute-quota reach limit");
    case "drop":
      throw dropped;
    case "drop-after":
      await handle();
      throw dropped;
    case "hang":
      return new Promise(() => {});
    case "garbage":
      return { ...json(200, {}), body: "<html>" };
    case "forged":
      return withHeader(await handle(), signatureHeaders.signature, "Zm9yZ2Vk");
    case "unsigned": {
      const reply = await handle();
      const names = Object.values(signatureHeaders);
      return {
        ...reply,
        headers: Object.fromEntries(Object.entries(reply.headers ?? {}).filter(([name]) => !names.includes(name))),
      };
    }
  }
}

function withHeader(reply: StandinReply, name: string, value: string): StandinReply {
  return { ...reply, headers: { ...reply.headers, [name]: value } };
}
