import type { HeaderList } from "../headers/header-list.js";
import type { HeaderTemplate } from "../hpack/header-template.js";
import type { Stream } from "./stream.js";

/**
 * One HTTP/2 connection as a decider: octets and time go in, events and octets come out. No I/O, no clock.
 *
 * Who owns what: the application owns `stream.app` and what it copies out of events; everything else is the engine's.
 * Order: events of one stream come as headers, data*, trailers; `onReset` ends it early and nothing follows.
 * Events may call back into the connection at once.
 * Cancellation: `reset`. Failure: a wrong peer never makes a method throw; a wrong caller gets a TypeError.
 * Calls on a closed stream or connection are ignored.
 */
export interface Connection {
  readonly role: "server" | "client";
  /** `open` until GOAWAY was sent or received, then `draining`, then `closed`. */
  readonly state: "open" | "draining" | "closed";
  readonly streamCount: number;
  /** Client: streams that may be opened now (the peer's limit, GOAWAY and the end of identifiers considered). */
  readonly capacity: number;
  /** Client: stream identifiers are nearly used up (2^30 calls); open another connection. */
  readonly mustRotate: boolean;

  /** Client: opens a stream with its request headers, or answers undefined when `capacity` is 0. */
  open(headers: HeaderTemplate, extra?: readonly string[], end?: boolean, app?: unknown): Stream | undefined;
  /**
   * Response headers (also 1xx), or trailers: with `end` the stream is finished once everything queued is sent.
   * `extra` are name, value pairs that differ on every call.
   */
  sendHeaders(stream: Stream, headers: HeaderTemplate, extra?: readonly string[], end?: boolean): void;
  /**
   * Sends `lead` (a message prefix, at most 64 octets) and `bytes` as one run of content. `lead` may be reused at once,
   * and so may `bytes` when `stream.queuedBytes` is 0 afterwards: it was copied out. Otherwise it stays referenced and may
   * be written from where it is, also after the stream has ended: it must not be changed any more. False means: wait for
   * `onWritable` before sending more.
   */
  sendData(stream: Stream, bytes: Uint8Array, end?: boolean, lead?: Uint8Array): boolean;
  /** Abandons a stream. No `onReset` follows. */
  reset(stream: Stream, code: number): void;

  /** The application is done with `octets` of data: the windows are returned to the peer. */
  consume(stream: Stream, octets: number): void;
  /**
   * The application has copied `octets` into a message under assembly: the windows are returned, but the octets count
   * against the receive budgets until `release` or the end of the stream. False when a budget is spent: drop the
   * message and reset the stream.
   */
  hold(stream: Stream, octets: number): boolean;
  release(stream: Stream, octets: number): void;

  /**
   * Two-step graceful shutdown (RFC 9113 section 6.8): racing streams are served, then the connection closes. Streams
   * that remain after `limit` ms are reset; 0 sets no limit, and the default is the option `drainTimeout`. Asked again it
   * changes the limit, from now on.
   */
  drain(limit?: number): void;
  /** GOAWAY with `code`, every stream is reset, the transport is closed after a flush. */
  close(code?: number, text?: string): void;

  /** Driver: octets have arrived. Returns how many were handled; the rest must be given again after a yield. */
  receive(input: Buffer, start: number, now: number): number;
  /** Driver: queued data could still be moved by another `flush`. */
  readonly hasQueued: boolean;
  /** Driver: about to take the output; moves queued data into it. */
  flush(): void;
  /** Driver: the transport has refused more until `drained`. */
  blocked(now: number): void;
  /** Driver: the transport accepts more again. */
  drained(now: number): void;
  /** Driver: time has passed; call about once a second. */
  tick(now: number): void;
  /** Driver: the transport is gone. */
  transportClosed(text: string): void;
}

/**
 * What happens on a connection. One object per connection, made by the application. Its methods must not throw: the
 * driver answers an exception by closing the connection with INTERNAL_ERROR and hands it to `onError`.
 */
export interface ConnectionListener {
  /** Server: a request. Client: the final response. */
  onHeaders(stream: Stream, headers: HeaderList, end: boolean): void;
  /**
   * Content: `chunk[start, end)`, valid only until the call returns (the buffer is reused and shared): copy what stays.
   * Every octet must be given to `consume` or `hold` sooner or later, or the peer stops.
   */
  onData(stream: Stream, chunk: Buffer, start: number, end: number, endStream: boolean): void;
  /** The last event of a message with trailers. */
  onTrailers(stream: Stream, trailers: HeaderList): void;
  /**
   * The stream ended early: by the peer, by its violation, or with the connection. `unprocessed` is true when the peer
   * has certainly not acted on it (REFUSED_STREAM, or above the last id of GOAWAY), so it may be sent again elsewhere.
   * NO_ERROR after a complete response only means: stop sending.
   */
  onReset(stream: Stream, code: number, unprocessed: boolean): void;
  /** More may be sent after `sendData` answered false. */
  onWritable(stream: Stream): void;
  /** Client: `capacity` has changed from 0, or the peer's settings are known. */
  onCapacity?(): void;
  /** The peer will take no new streams (GOAWAY). */
  onGoaway?(code: number, lastId: number, text: string): void;
  /** Last event. Every open stream has had its `onReset`. */
  onClose?(code: number, text: string): void;
}
