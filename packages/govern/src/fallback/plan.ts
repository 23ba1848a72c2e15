import {
  type Call,
  copyMessage,
  decodeMessage,
  encodeMessage,
  type Method,
  messageFromJson,
  sortableId,
  traceparent,
} from "@sampan/core";
import type { Broker } from "@sampan/core/ports";
import { type ReadKey, readField } from "../call-key.js";
import type { LastGood } from "./last-good.js";
import type { EnqueuePolicy, FallbackPolicy, LastGoodPolicy } from "./policy.js";

/** How one method is answered instead of its error. */
export interface Plan {
  /** Set when good responses are kept: under which key, found before the handler gets the request and may change it. */
  readonly keyOf?: (request: unknown, call: Call) => string;
  /** Called with every good response. */
  readonly keep?: (key: string, response: unknown, now: number) => void;
  /** The answer, or undefined when there is none and the error stands. */
  answer(request: unknown, call: Call, key: string, now: number): unknown;
  /** What is reported of an answer. */
  readonly answered: string;
}

export interface FallbackPorts {
  /** For `enqueue`. */
  readonly broker?: Pick<Broker, "publish">;
  /** For `method`, by path: `/package.Service/Method`. */
  readonly findMethod?: (path: string) => Method | undefined;
}

/** Makes the plan, or says why the policy does not fit the method. */
export function planFor(
  policy: FallbackPolicy,
  method: Method,
  ports: FallbackPorts,
  lastGood: LastGood,
): Plan | string {
  if (method.kind !== "unary") return `${method.name} is a stream, and only unary calls are answered otherwise`;
  if (policy.lastGood !== undefined) return lastGoodPlan(policy.lastGood, method, lastGood);
  if (policy.enqueue !== undefined) return enqueuePlan(policy.enqueue, method, ports.broker);
  if (policy.method !== undefined) return otherMethodPlan(`/${policy.method}`, method, ports);
  const answer = fixedAnswer(policy.answer, method);
  return typeof answer === "string" ? answer : { answer, answered: "answered-fixed" };
}

/** A message of its own for each caller, because whoever gets one owns it. */
function fixedAnswer(json: unknown, method: Method): (() => unknown) | string {
  try {
    const message = messageFromJson(method.output, json);
    return () => copyMessage(method.output, message);
  } catch (thrown) {
    return `the answer is no ${method.output.typeName}: ${(thrown as Error).message}`;
  }
}

function lastGoodPlan(policy: LastGoodPolicy, method: Method, kept: LastGood): Plan | string {
  if (!method.idempotent) return `${method.name} is not idempotent, so an earlier answer is none to another call`;
  const readers: ReadKey[] = [];
  for (const field of policy.fields) {
    const read = readField(field, method);
    if (typeof read === "string") return read;
    readers.push(read);
  }
  const keyOf = (request: unknown, call: Call): string => {
    const user = policy.public ? "" : call.user === undefined ? "none" : `user ${call.user.subject}`;
    const parts = [method.path, call.tenant, call.releaseTag, user];
    if (readers.length > 0) for (const read of readers) parts.push(read(request, call));
    else parts.push(Buffer.from(encodeMessage(method.input, request)).toString("latin1"));
    // With their lengths, so that no two lists of parts look alike.
    return parts.map((part) => `${part.length}:${part}`).join("");
  };
  return {
    answered: "answered-stale",
    keyOf,
    keep(key, response, now) {
      if (kept.age(key, now) >= policy.refreshMs) kept.put(key, encodeMessage(method.output, response), now);
    },
    answer(_, call, key, now) {
      const age = kept.age(key, now);
      if (age > policy.maxAgeMs) return undefined;
      const bytes = kept.get(key) as Uint8Array;
      const seconds = String(Math.floor(age / 1000));
      // RFC 9111, section 5.1, and a name of our own that says the answer is not of now.
      call.responseHeaders.set("age", seconds).set("x-sampan-stale", seconds);
      return decodeMessage(method.output, bytes);
    },
  };
}

function enqueuePlan(
  policy: EnqueuePolicy,
  method: Method,
  broker: Pick<Broker, "publish"> | undefined,
): Plan | string {
  if (broker === undefined) return "this process has no broker to enqueue calls with";
  const accepted = fixedAnswer(policy.answer, method);
  if (typeof accepted === "string") return accepted;
  return {
    answered: "enqueued",
    async answer(request, call) {
      const { user, tenant, releaseTag } = call;
      const given = (request as { readonly idempotencyKey?: unknown }).idempotencyKey;
      const key = typeof given === "string" && given !== "" ? given : call.peekMetadata()?.get("idempotency-key");
      const owner = `${tenant}/${user?.subject ?? ""}`;
      // What authorization asks about when the call is made. A server has let its caller in before it enqueues.
      const caller = call.side === "server" ? call.peer.identity : call.runtime.name;
      await broker.publish([
        {
          topic: policy.topic,
          key: owner,
          // The same call again is the same message, but never another user's.
          id: key === undefined ? sortableId(call.runtime.clock) : `${method.path}/${owner}/${key}`,
          payload: encodeMessage(method.input, request),
          headers: {
            "content-type": "application/protobuf",
            method: method.path,
            tenant,
            "release-tag": releaseTag,
            traceparent: traceparent(call.trace),
            ...(key === undefined ? {} : { "idempotency-key": key }),
            ...(caller === "" ? {} : { caller }),
            ...(user === undefined
              ? {}
              : { user: user.subject, roles: user.roles.join(","), scopes: (user.scopes ?? []).join(",") }),
          },
        },
      ]);
      return accepted();
    },
  };
}

function otherMethodPlan(path: string, method: Method, { findMethod }: FallbackPorts): Plan | string {
  const other = findMethod?.(path);
  if (other === undefined) return `there is no method ${path}`;
  if (other.path === method.path) return `${path} is the method itself`;
  if (other.kind !== "unary") return `${path} is a stream`;
  if (other.input.typeName !== method.input.typeName || other.output.typeName !== method.output.typeName) {
    return `${path} has other messages than ${method.name}`;
  }
  return {
    answered: "answered-by-method",
    answer: (request, call) =>
      call.runtime.start(call, other, request, call.user === undefined ? {} : { user: call.user }),
  };
}
