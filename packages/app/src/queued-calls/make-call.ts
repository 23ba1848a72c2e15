import {
  type Call,
  CoreErrors,
  type Dispatcher,
  decodeMessage,
  Metadata,
  superviseUnary,
  traceparent,
} from "@sampan/core";
import type { Delivery } from "@sampan/core/ports";
import { queuedCallMark } from "@sampan/govern";
import { type CallerOf, userOf } from "./caller-of.js";

/** How long a call may take, ms: less than the broker waits for an answer. */
const callTimeoutMs = 25_000;

/**
 * Makes a call that a rule has enqueued, as its caller would have: through the layers and the handler of the service, by
 * the same service, for the same user, tenant and release, with its idempotency key (the message's id when it had none), and a link to
 * its trace. It is marked, so that no fallback enqueues it again. Rejects with what the call fails with.
 */
export async function makeQueuedCall(
  dispatcher: Dispatcher,
  delivery: Delivery,
  signal: AbortSignal,
  callerOf: CallerOf,
): Promise<void> {
  const { headers, id, payload } = delivery;
  const path = headers.method ?? "";
  const { method, handler } = dispatcher.require(path);
  const { tenant = "default", "release-tag": releaseTag = "", traceparent: cause = "" } = headers;
  const key = headers["idempotency-key"] ?? id;
  const request = withKey(decodeMessage(method.input, payload), key);
  const metadata = new Metadata().set(queuedCallMark, "1").set("idempotency-key", key);
  const origin = { tenant, releaseTag, traceparent: cause };
  await dispatcher.runtime.run({ name: `queued${path}`, timeoutMs: callTimeoutMs, origin }, async (root) => {
    const call = dispatcher.accept(method, {
      deadline: root.deadline,
      metadata,
      peer: callerOf(headers, dispatcher.runtime.name),
      user: userOf(headers),
      tenant,
      releaseTag,
      traceparent: traceparent(root.trace),
    });
    abortWith(call, signal);
    await superviseUnary(handler, request, call);
  });
}

/** A request that has a place for a key, and none, gets it. */
function withKey(request: unknown, key: string): unknown {
  const fields = request as { idempotencyKey?: unknown };
  if (fields.idempotencyKey === "") fields.idempotencyKey = key;
  return request;
}

function abortWith(call: Call, signal: AbortSignal): void {
  const abort = (): void => call.abort(CoreErrors.CANCELLED({ method: call.name, why: "its message was taken back" }));
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  call.onSettle(() => signal.removeEventListener("abort", abort));
}
