import type { DescService } from "@bufbuild/protobuf";
import { CallList } from "./call-list.js";
import { type Client, clientOf } from "./client.js";
import { CoreErrors } from "./core-errors.js";
import { Metadata } from "./metadata.js";
import type { Method } from "./method.js";
import type { Logger, SpanEvent } from "./ports/telemetry.js";
import type { RpcError } from "./rpc-error.js";
import type { Runtime } from "./runtime.js";
import { childTrace, type TraceContext, traceFrom, traceparent } from "./trace.js";
import { drawIds } from "./trace-ids.js";

/** Who is at the other end of the connection. */
export interface Peer {
  /** The calling service, such as `order`, or a SPIFFE id; empty when it is not known. */
  readonly identity: string;
  /** In the transport's notation, such as `memory` or `ipv4:127.0.0.1:51000`. */
  readonly address: string;
}

/** The end user, or operator, that a trusted edge says a call is made for. */
export interface EndUser {
  readonly subject: string;
  readonly roles: readonly string[];
  /** What the user's token allows beside its roles; none when absent. */
  readonly scopes?: readonly string[];
}

/** What is kept of a call when its work is written down to be done later, on a root call. */
export interface CallOrigin {
  readonly tenant: string;
  readonly releaseTag: string;
  readonly traceparent: string;
}

/** Everything that makes a call. Made by transports (server), clients (client) and `Runtime.root` (root). */
export interface CallInit {
  readonly runtime: Runtime;
  readonly side: "server" | "client" | "root";
  /** The method's path, or the name of a root call. */
  readonly name: string;
  readonly method?: Method | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** The call that started this one in the same process; its end ends this one. */
  readonly parent?: Call | undefined;
  /** One try of `parent` rather than a call of its own; see `attempt`. */
  readonly isAttempt?: boolean | undefined;
  readonly metadata?: Metadata | undefined;
  readonly peer?: Peer | undefined;
  readonly user?: EndUser | undefined;
  readonly tenant?: string | undefined;
  readonly releaseTag?: string | undefined;
  readonly baggage?: ReadonlyMap<string, string> | undefined;
  /** The remote span that caused this call. */
  readonly traceparent?: string | undefined;
  /** Traces that caused this call without being its parent. */
  readonly links?: readonly string[] | undefined;
  readonly waitForReady?: boolean | undefined;
}

export interface CallOptions {
  /** Shortens the deadline; it can never be later than that of the calling call. */
  readonly timeoutMs?: number;
  /** Request headers. Nothing of the caller's own inbound metadata is passed on. */
  readonly metadata?: Metadata;
  /** Says for whom the call is made. Reaches the called service, and goes no further. */
  readonly user?: EndUser;
  /**
   * Cancels the call when it aborts, with its reason when that is an `RpcError` and as the cause otherwise. The call is
   * not made at all when it has aborted already.
   */
  readonly signal?: AbortSignal;
  /**
   * Whether the call waits, until its deadline, while no server can be reached, instead of failing with `Unavailable`.
   * The channel's own setting when it is not given.
   */
  readonly waitForReady?: boolean;
  /** Called once, before the first response. */
  readonly onHeaders?: (headers: Metadata) => void;
  /** Called once, when the call has ended, also with an error. */
  readonly onTrailers?: (trailers: Metadata) => void;
}

/** Makes the error of a call whose deadline a rule has brought forward. */
export type Expiry = (call: Call) => RpcError;

type Ended = (error: RpcError | undefined, call: Call) => void;
const noPeer: Peer = { identity: "", address: "" };
const noBaggage: ReadonlyMap<string, string> = new Map();
const noEvents: readonly SpanEvent[] = [];

/**
 * One call, seen from one side: passed explicitly to every handler and layer.
 *
 * It is open until it settles, exactly once: with a response, with an error, or by `abort` (cancellation or deadline),
 * which settles it at once and does not wait for the handler. When it settles, everything that it started through
 * `to()` and that is still open is cancelled.
 */
export class Call {
  readonly runtime: Runtime;
  readonly side: "server" | "client" | "root";
  readonly name: string;
  readonly method: Method | undefined;
  readonly peer: Peer;
  readonly user: EndUser | undefined;
  /** `default` when none was given. */
  readonly tenant: string;
  /** The release that this call is routed to; empty means stable. */
  readonly releaseTag: string;
  readonly links: readonly string[];
  /** Of a client's call: what its options say. For transports that connect. */
  readonly waitForReady: boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The remote span that caused this call, as it was received: perhaps no valid value. */
  readonly receivedTraceparent: string | undefined;

  /** One try of the call that started it: it has that call's span, and its events go there. */
  readonly isAttempt: boolean;
  /**
   * For transports and guards: set before the call fails when its request has certainly not reached a handler (nothing
   * was sent, or the server says so), which makes it safe to try again whatever it does. Of the call and not of its
   * error, because errors are passed on from call to call.
   */
  unprocessed = false;

  /** For the lists that hold it: of its parent's children, of a dispatcher's open calls, and of deadlines. */
  childPlace = -1;
  deadlinePlace = -1;
  openPlace = -1;

  readonly #parent: Call | undefined;
  #deadline: number;
  #expiry: Expiry | undefined;
  // Made on first use: most calls need none of these, and an AbortController alone costs 5 µs.
  #metadata: Metadata | undefined;
  #responseHeaders: Metadata | undefined;
  #responseTrailers: Metadata | undefined;
  #ids = 0;
  #trace: TraceContext | undefined;
  #log: Logger | undefined;
  #controller: AbortController | undefined;
  #baggage: ReadonlyMap<string, string>;
  #children: CallList<"childPlace", Call> | undefined;
  #onAbort: ((error: RpcError) => void)[] | undefined;
  #onSettle: Ended[] | undefined;
  #events: SpanEvent[] | undefined;
  #holders: string[] | undefined;
  #settled = false;
  #error: RpcError | undefined;
  #aborted = false;
  #firstMessageAt = 0;
  #began: number | undefined;
  #took: number | undefined;

  constructor(init: CallInit) {
    this.runtime = init.runtime;
    this.side = init.side;
    this.name = init.name;
    this.method = init.method;
    this.#deadline = init.deadline;
    this.isAttempt = init.isAttempt ?? false;
    this.peer = init.peer ?? noPeer;
    this.user = init.user;
    this.tenant = init.tenant ?? "default";
    this.releaseTag = init.releaseTag ?? "";
    this.links = init.links ?? [];
    this.waitForReady = init.waitForReady;
    this.startedAt = init.runtime.clock.now();
    this.#metadata = init.metadata;
    this.#baggage = init.baggage ?? noBaggage;
    this.receivedTraceparent = init.traceparent;
    this.#parent = init.parent;
    const parent = init.parent;
    if (parent !== undefined) (parent.#children ??= new CallList("childPlace")).add(this);
    // A parent that ends no later ends this call too, so it needs no timer of its own.
    if (parent === undefined || parent.deadline > this.deadline) this.runtime.deadlines.add(this);
  }

  /** Milliseconds since the epoch; every call has one. It may come nearer (`shortenDeadline`), never go further away. */
  get deadline(): number {
    return this.#deadline;
  }

  /**
   * For rules: brings the deadline forward; when it passes, the call fails with what `expiry` makes. False, and no
   * effect, when the deadline is no later than that already.
   */
  shortenDeadline(deadline: number, expiry: Expiry): boolean {
    if (deadline >= this.#deadline || this.#settled) return false;
    const { deadlines } = this.runtime;
    deadlines.remove(this);
    this.#deadline = deadline;
    this.#expiry = expiry;
    deadlines.add(this);
    return true;
  }

  /** Request metadata: received on the server, to be sent on the client. */
  get metadata(): Metadata {
    return (this.#metadata ??= new Metadata());
  }

  /** For transports: the three kinds of metadata without making one that nobody has touched. */
  peekMetadata(): Metadata | undefined {
    return this.#metadata;
  }
  peekHeaders(): Metadata | undefined {
    return this.#responseHeaders;
  }
  peekTrailers(): Metadata | undefined {
    return this.#responseTrailers;
  }

  /** Sent before the first response. On the client: received, once there is a response. */
  get responseHeaders(): Metadata {
    return (this.#responseHeaders ??= new Metadata());
  }

  /** Sent after the last response, also with an error. On the client: received, once the call has ended. */
  get responseTrailers(): Metadata {
    return (this.#responseTrailers ??= new Metadata());
  }

  get trace(): TraceContext {
    if (this.#trace === undefined) {
      const parent = this.#parent;
      if (parent === undefined) this.#trace = traceFrom(this.receivedTraceparent, this.ids);
      else this.#trace = this.isAttempt ? parent.trace : childTrace(parent.trace, this.ids);
    }
    return this.#trace;
  }

  /** For tracers: the draw that the new ids of `trace` are made of. */
  get ids(): number {
    if (this.#ids === 0) this.#ids = drawIds();
    return this.#ids;
  }

  /** The trace of the call in this process that started this one. */
  get parentTrace(): TraceContext | undefined {
    return this.#parent?.trace;
  }

  /** Logs with the call's method, trace id and tenant on each line. */
  get log(): Logger {
    return (this.#log ??= this.runtime.logger.child({
      call: this.name,
      trace_id: this.trace.traceId,
      ...(this.tenant === "default" ? {} : { tenant: this.tenant }),
    }));
  }

  /** Small values that travel with the whole tree of calls; only keys that the process allows are passed on. */
  get baggage(): ReadonlyMap<string, string> {
    return this.#baggage;
  }

  /** Sets a baggage value for the calls started from here on. Throws `TypeError` for a key that is not allowed. */
  setBaggage(key: string, value: string): void {
    if (!this.runtime.baggageKeys.has(key))
      throw new TypeError(`baggage key ${key} is not on the allow-list of this process`);
    this.#baggage = new Map(this.#baggage).set(key, value);
  }

  /** For APIs that take a signal. Aborts with the `RpcError` as its reason; `onAbort` is cheaper. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#error);
    }
    return this.#controller.signal;
  }

  /** Milliseconds until the deadline, never below 0. */
  remaining(): number {
    return Math.max(0, this.deadline - this.runtime.clock.now());
  }

  get settled(): boolean {
    return this.#settled;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** What the call failed with; undefined while it is open, and when it succeeded. */
  get error(): RpcError | undefined {
    return this.#error;
  }

  /** The user that the call is made for. Throws `USER_REQUIRED` when it names none. */
  requireUser(): EndUser {
    if (this.user === undefined) throw CoreErrors.USER_REQUIRED({ method: this.name });
    return this.user;
  }

  /** Throws what the call was aborted with, so that long work can stop between two steps. */
  throwIfAborted(): void {
    if (this.#aborted) throw this.#error;
  }

  /** A typed client of a service. Its calls share this call's deadline, abort, tenant, release tag, trace and baggage. */
  to<S extends DescService>(service: S, options?: CallOptions): Client<S> {
    return clientOf(service, this, options);
  }

  /** What to write down so that a root call can go on with this call's work later. */
  get origin(): CallOrigin {
    return { tenant: this.tenant, releaseTag: this.releaseTag, traceparent: traceparent(this.trace) };
  }

  /** Adds an event to the call's span. */
  event(name: string, attributes: Readonly<Record<string, string>> = {}): void {
    if (this.isAttempt) this.#parent?.event(name, attributes);
    else (this.#events ??= []).push({ name, at: this.runtime.clock.now(), attributes });
  }

  get events(): readonly SpanEvent[] {
    return this.#events ?? noEvents;
  }

  /**
   * Forbids calls to other services until the returned function is called: `holder` is something that must not wait
   * for them, such as an open transaction.
   */
  hold(holder: string): () => void {
    const holders = (this.#holders ??= []);
    holders.push(holder);
    let held = true;
    return () => {
      if (held) holders.splice(holders.indexOf(holder), 1);
      held = false;
    };
  }

  get holder(): string | undefined {
    return this.#holders?.[0];
  }

  /** Called once, at once if the call is aborted already; never when it settles otherwise. */
  onAbort(listener: (error: RpcError) => void): void {
    if (this.#aborted) listener(this.#error as RpcError);
    else if (!this.#settled) (this.#onAbort ??= []).push(listener);
  }

  /** Takes a listener back, so that a long call that waits for many things in turn does not collect them. */
  offAbort(listener: (error: RpcError) => void): void {
    const at = this.#onAbort?.indexOf(listener) ?? -1;
    if (at >= 0) this.#onAbort?.splice(at, 1);
  }

  /**
   * Called once when the call settles, with its error if it failed; the last added first, as layers unwind. One function
   * may listen to many calls, which costs less than a closure for each.
   */
  onSettle(listener: Ended): void {
    if (this.#settled) listener(this.#error, this);
    else (this.#onSettle ??= []).push(listener);
  }

  /** For layers that measure: when the call began by the monotonic clock, which is read when the first of them asks. */
  began(): number {
    return (this.#began ??= this.runtime.clock.monotonic());
  }

  /** Milliseconds since `began`. Of a call that has settled the same for all who ask: they share one clock reading. */
  elapsed(): number {
    if (this.#took !== undefined) return this.#took;
    const elapsed = this.runtime.clock.monotonic() - this.began();
    if (this.#settled) this.#took = elapsed;
    return elapsed;
  }

  /** When the first response message passed, ms since the epoch; 0 before. */
  get firstMessageAt(): number {
    return this.#firstMessageAt;
  }

  /** For transports and supervision: a response message passes. */
  markMessage(): void {
    if (this.#firstMessageAt === 0) this.#firstMessageAt = this.runtime.clock.now();
  }

  /** Cancels the call: it settles now with the error, and its handler is left to notice. No effect once settled. */
  abort(error: RpcError = CoreErrors.CANCELLED({ method: this.name, why: "aborted by its owner" })): void {
    if (this.#settled) return;
    this.#aborted = true;
    this.#error = error;
    const listeners = this.#onAbort;
    this.#onAbort = undefined;
    this.#settled = true;
    if (listeners !== undefined) for (const listener of listeners) this.#notify(listener, error);
    this.#controller?.abort(error);
    this.#finish();
  }

  /** For transports and supervision: the call ended, with an error or well. No effect once settled. */
  settle(error?: RpcError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#error = error;
    this.#finish();
  }

  /** For `DeadlineTimers`. */
  expire(): void {
    this.abort(this.#expiry?.(this) ?? CoreErrors.DEADLINE_EXCEEDED({ method: this.name }));
  }

  #finish(): void {
    this.runtime.deadlines.remove(this);
    const parent = this.#parent;
    if (parent !== undefined) parent.#children?.delete(this);
    const children = this.#children;
    if (children !== undefined && children.size > 0) {
      for (const child of children.toArray()) {
        child.abort(
          this.#aborted
            ? (this.#error as RpcError)
            : CoreErrors.CANCELLED({ method: child.name, why: `${this.name}, which started it, has settled` }),
        );
      }
    }
    this.#onAbort = undefined;
    const listeners = this.#onSettle;
    this.#onSettle = undefined;
    if (listeners !== undefined) for (let i = listeners.length - 1; i >= 0; i--) this.#tell(listeners[i] as Ended);
  }

  /** One listener that throws must not keep the call from ending for the others. */
  #notify(listener: (error: RpcError) => void, error: RpcError): void {
    try {
      listener(error);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #tell(listener: Ended): void {
    try {
      listener(this.#error, this);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #report(thrown: unknown): void {
    this.log.error("something that waited for the end of a call threw", { error: thrown });
  }
}
