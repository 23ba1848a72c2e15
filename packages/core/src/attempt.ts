import { Call } from "./call.js";

/**
 * One try of an outbound call, for layers that make more than one or that must outlive a failure: retry, hedge, a
 * fallback that answers when a rule's timeout has passed.
 *
 * A call settles once, so each try is a call of its own below it: the same method, tenant, release, user, baggage and
 * span, a copy of the request metadata, and a deadline that `timeoutMs` (0: none) may bring forward. When the call
 * ends, its tries end. Whoever makes a try settles it with what its handler answered or failed with (so that guards
 * further in learn its outcome from `onSettle`), or aborts it when another has won. What is told to one try stays with
 * it: `adoptHeaders` and `adoptTrailers` bring over what the caller should see.
 *
 * Hot: costs about what a call costs, and reads no clock but for `startedAt` (bench `govern`).
 */
export function attempt(call: Call, timeoutMs: number = 0): Call {
  const { runtime, deadline } = call;
  return new Call({
    runtime,
    side: call.side,
    name: call.name,
    method: call.method,
    deadline: timeoutMs > 0 ? Math.min(deadline, runtime.clock.now() + timeoutMs) : deadline,
    parent: call,
    isAttempt: true,
    metadata: call.peekMetadata()?.copy(),
    peer: call.peer,
    user: call.user,
    tenant: call.tenant,
    releaseTag: call.releaseTag,
    baggage: call.baggage,
    waitForReady: call.waitForReady,
  });
}

/** Response headers of the try that counts become the call's: once, before the call's first response. */
export function adoptHeaders(attempt: Call, call: Call): void {
  const headers = attempt.peekHeaders();
  if (headers !== undefined) call.responseHeaders.appendAll(headers);
}

/** Trailers of the try that counts, which has ended: before the call ends, also when it fails. */
export function adoptTrailers(attempt: Call, call: Call): void {
  const trailers = attempt.peekTrailers();
  if (trailers !== undefined) call.responseTrailers.appendAll(trailers);
}
