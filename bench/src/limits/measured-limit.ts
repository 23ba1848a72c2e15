import { Call, type Clock, type Handler, type Method, methods, Runtime, superviseUnary } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import { allSections, Governor, governStack, requireRules } from "@sampan/govern";
import { EchoService } from "@sampan/testkit";

export interface LimitOptions {
  /** The `limit` section as rules have it, such as `{ rate: 10000/s }`. */
  readonly limit: string;
  readonly clock: Clock;
  readonly keyValue?: KeyValue;
}

/** A served method under one limit, as in a real process: rule, stack and guard; the handler counts what passes. */
export class MeasuredLimit {
  readonly #runtime: Runtime;
  readonly #method: Method = methods(EchoService)[0] as Method;
  readonly #governor: Governor;
  readonly #handler: Handler;
  #began: (tenant: string) => void = () => {};
  /** How often the shared store was taken to be away. */
  storeAway = 0;

  constructor({ limit, clock, keyValue }: LimitOptions) {
    this.#runtime = new Runtime({
      name: "bench",
      clock,
      connect: (service) => {
        throw new TypeError(`${service} is not called`);
      },
    });
    this.#governor = new Governor({
      stack: governStack(keyValue === undefined ? {} : { keyValue }),
      clock,
      observe: ({ what }) => {
        if (what === "store-away") this.storeAway++;
      },
    });
    const rules = `rules: [{ name: measured, match: { service: ${this.#method.service} }, limit: ${limit} }]`;
    this.#governor.load(requireRules(rules, "bench", { sections: allSections }));
    const serve: Handler = (_, call) => {
      this.#began(call.tenant);
      return { text: "" };
    };
    this.#handler = this.#governor.server(serve, this.#method);
  }

  /** Told of each call that starts. */
  onBegin(began: (tenant: string) => void): void {
    this.#began = began;
  }

  /** One call arrives. */
  arrive(tenant = "default"): void {
    const method = this.#method;
    const deadline = this.#runtime.clock.now() + 5000;
    const call = new Call({ runtime: this.#runtime, side: "server", name: method.path, method, deadline, tenant });
    superviseUnary(this.#handler, {}, call).then(ignore, ignore);
  }

  close(): void {
    this.#governor.close();
  }
}

function ignore(): void {}
