import { Call, type CallOptions, type CallOrigin } from "./call.js";
import { type Clock, systemClock } from "./clock.js";
import { DeadlineTimers } from "./deadline-timers.js";
import { compose, type Handler, type Layer } from "./handler.js";
import type { Method } from "./method.js";
import { startOutbound } from "./outbound.js";
import type { Logger } from "./ports/telemetry.js";
import type { Channel } from "./ports/transport.js";
import { superviseUnary } from "./supervise.js";

export interface RuntimeOptions {
  /** The service's name, which called services see as `call.peer.identity`. */
  readonly name: string;
  /** Finds the channel to a service by its full name, such as `order.v1.OrderService`. Asked once for each service. */
  readonly connect: (service: string) => Channel;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Around every outbound call; the first is the outermost. */
  readonly clientLayers?: readonly Layer[];
  /** The deadline of a call whose caller gave none, in ms. Default 30000. */
  readonly defaultTimeoutMs?: number;
  /** Baggage that is passed on; everything else stops here. Default none. */
  readonly baggageKeys?: Iterable<string>;
  /** Shared by the services of a process. */
  readonly deadlines?: DeadlineTimers;
  /** Called with each root call when it is made: no layer sees it, so tracing begins here. */
  readonly onRoot?: ((call: Call) => void) | undefined;
}

export interface RootOptions {
  /** What the work is, such as `saga/place-order/charge`; the name of its span. */
  readonly name: string;
  readonly timeoutMs?: number;
  /** What caused the work: its tenant and release tag are taken over, its trace is linked. */
  readonly origin?: CallOrigin;
}

/** What the calls of one service share. */
export class Runtime {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly defaultTimeoutMs: number;
  readonly baggageKeys: ReadonlySet<string>;
  readonly deadlines: DeadlineTimers;
  /** Handlers that still run although their call was aborted. */
  abandoned = 0;
  readonly #connect: (service: string) => Channel;
  readonly #clientLayers: readonly Layer[];
  readonly #onRoot: ((call: Call) => void) | undefined;
  readonly #channels = new Map<string, Channel>();
  readonly #outbound = new Map<Method, Handler>();

  constructor(options: RuntimeOptions) {
    this.name = options.name;
    this.clock = options.clock ?? systemClock;
    this.logger = options.logger ?? silentLogger;
    this.defaultTimeoutMs = options.defaultTimeoutMs ?? 30_000;
    this.baggageKeys = new Set(options.baggageKeys ?? []);
    this.deadlines = options.deadlines ?? new DeadlineTimers(this.clock);
    this.#connect = options.connect;
    this.#clientLayers = options.clientLayers ?? [];
    this.#onRoot = options.onRoot;
  }

  /** The handler that sends a method's calls: client layers around the channel. Made once for each method. */
  outbound(method: Method): Handler {
    let handler = this.#outbound.get(method);
    if (handler === undefined) {
      const terminal: Handler = (request, call) => this.#channel(method.service).invoke(method, request, call);
      handler = compose(this.#clientLayers, terminal, method);
      this.#outbound.set(method, handler);
    }
    return handler;
  }

  /** For clients: starts a call below another. The result is what the method's kind says. */
  start(parent: Call, method: Method, request: unknown, options?: CallOptions): unknown {
    return startOutbound(parent, method, request, options);
  }

  /** Work without a caller: its own deadline, the origin's tenant and release tag, and a link to its trace. */
  root(options: RootOptions): Call {
    const { origin } = options;
    const call = new Call({
      runtime: this,
      side: "root",
      name: options.name,
      deadline: this.clock.now() + (options.timeoutMs ?? this.defaultTimeoutMs),
      tenant: origin?.tenant,
      releaseTag: origin?.releaseTag,
      links: origin === undefined || origin.traceparent === "" ? [] : [origin.traceparent],
    });
    this.#onRoot?.(call);
    return call;
  }

  /** Runs a function on a root call, which settles with it. */
  async run<T>(options: RootOptions, work: (call: Call) => Promise<T>): Promise<T> {
    const call = this.root(options);
    // Wrapped, because a handler must answer with something and `work` may have nothing to say.
    const result = await superviseUnary(async (_, call) => ({ value: await work(call) }), undefined, call);
    return (result as { value: T }).value;
  }

  #channel(service: string): Channel {
    let channel = this.#channels.get(service);
    if (channel === undefined) {
      channel = this.#connect(service);
      this.#channels.set(service, channel);
    }
    return channel;
  }
}

const silent = (): void => {};
/** Drops everything. */
export const silentLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  child: () => silentLogger,
};
