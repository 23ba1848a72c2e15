import type { Call } from "@sampan/core";

/** Metadata of a call that was enqueued and is made now: no fallback acts on it, so that it is never enqueued again. */
export const queuedCallMark = "x-sampan-queued";

export function isQueuedCall(call: Call): boolean {
  return call.side === "server" && call.peekMetadata()?.has(queuedCallMark) === true;
}
