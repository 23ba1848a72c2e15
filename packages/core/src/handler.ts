import type { Call } from "./call.js";
import type { Method } from "./method.js";

/**
 * A method at run time, the same on the client and on the server. The method's kind says what is passed:
 *
 * | kind | request | result |
 * |---|---|---|
 * | unary | message | promise of a message |
 * | client_streaming | async iterable | promise of a message |
 * | server_streaming | message | async iterable |
 * | bidi_streaming | async iterable | async iterable |
 *
 * A unary handler may also return a message as it is, or throw at once.
 */
// biome-ignore lint/suspicious/noExplicitAny: the typed signatures are on service objects and clients; layers see any message
export type Handler = (request: any, call: Call) => unknown;

/**
 * Wraps the handler of a method; made once for each method, when the process starts. What cross-cuts is a layer, and
 * the same layer works on the client and on the server. A layer that only wants to know when a call ends uses
 * `call.onSettle`, which is cheaper than awaiting and also works for streams.
 */
export type Layer = (next: Handler, method: Method) => Handler;

/** Whether a unary handler answered later rather than at once. */
export function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof result === "object" && result !== null && typeof (result as PromiseLike<unknown>).then === "function";
}

/** The first layer is the outermost. */
export function compose(layers: readonly Layer[], handler: Handler, method: Method): Handler {
  return layers.reduceRight((next, layer) => layer(next, method), handler);
}
