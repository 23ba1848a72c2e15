import type { Call } from "../call.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Method } from "../method.js";

/**
 * The client's end of a transport. `invoke` starts a call and settles as the method's kind says: a promise of the
 * response, or an async iterable of responses. It honours the call's deadline and abort at once, fails only with
 * `RpcError`, and fills `call.responseHeaders` before the first response and `call.responseTrailers` before the end.
 */
export interface Channel {
  invoke(method: Method, request: unknown, call: Call): unknown;
  close(): Promise<void>;
}

/** The server's end. */
export interface Listener {
  /** Where it can be reached, in the transport's own notation. */
  readonly address: string;
  /** Takes no new calls (they fail with `Unavailable`); resolves when those in work have settled. */
  drain(): Promise<void>;
  /** Aborts what is still in work and frees everything. */
  close(): Promise<void>;
}

/** Turns bytes, or nothing, into calls. */
export interface Transport {
  listen(dispatcher: Dispatcher): Promise<Listener>;
  /** Connects lazily; `target` is in the transport's own notation. */
  connect(target: string): Channel;
  close(): Promise<void>;
}
