import { Call, type EndUser, type Peer } from "./call.js";
import { CallList } from "./call-list.js";
import { CoreErrors } from "./core-errors.js";
import { compose, type Handler, type Layer } from "./handler.js";
import type { Metadata } from "./metadata.js";
import type { Method } from "./method.js";
import type { Runtime } from "./runtime.js";
import type { Service } from "./service.js";

/** A method that is served: its handler with every layer around it. */
export interface Served {
  readonly method: Method;
  readonly handler: Handler;
}

/** What a transport knows of a call that arrives. */
export interface Inbound {
  /** Milliseconds since the epoch; undefined when the caller gave none. */
  readonly deadline?: number | undefined;
  readonly metadata?: Metadata | undefined;
  readonly peer?: Peer | undefined;
  readonly user?: EndUser | undefined;
  readonly tenant?: string | undefined;
  readonly releaseTag?: string | undefined;
  readonly baggage?: ReadonlyMap<string, string> | undefined;
  readonly traceparent?: string | undefined;
}

/** The services of a process as a transport sees them: paths to handlers, and the calls in work. */
export class Dispatcher {
  readonly runtime: Runtime;
  readonly services: readonly Service[];
  readonly #served = new Map<string, Served>();
  readonly #open = new CallList<"openPlace", Call>("openPlace");
  #idle: (() => void)[] = [];

  /** `layers` go around every method of every service; the first is the outermost. Throws when a service is given twice. */
  constructor(runtime: Runtime, services: readonly Service[], layers: readonly Layer[] = []) {
    this.runtime = runtime;
    this.services = services;
    for (const service of services) {
      for (const [method, handler] of service.handlers) {
        if (this.#served.has(method.path)) throw new TypeError(`${method.service} is served twice by ${runtime.name}`);
        this.#served.set(method.path, { method, handler: compose(layers, handler, method) });
      }
    }
  }

  /** By path, such as `/order.v1.OrderService/CreateOrder`. */
  find(path: string): Served | undefined {
    return this.#served.get(path);
  }

  /** Throws `UNIMPLEMENTED` for a path that is not served. */
  require(path: string): Served {
    const served = this.#served.get(path);
    if (served === undefined) throw CoreErrors.UNIMPLEMENTED({ method: path });
    return served;
  }

  /** The server's side of a call that arrives. Baggage that is not on the allow-list is dropped. */
  accept(method: Method, inbound: Inbound): Call {
    const { runtime } = this;
    // Hot: written out, because an object made by spreading costs 3 µs here (bench core-call).
    const call = new Call({
      runtime,
      side: "server",
      name: method.path,
      method,
      deadline:
        inbound.deadline ?? runtime.clock.now() + (method.timeoutMs > 0 ? method.timeoutMs : runtime.defaultTimeoutMs),
      metadata: inbound.metadata,
      peer: inbound.peer,
      user: inbound.user,
      tenant: inbound.tenant,
      releaseTag: inbound.releaseTag,
      baggage: inbound.baggage === undefined || inbound.baggage.size === 0 ? undefined : this.#allowed(inbound.baggage),
      traceparent: inbound.traceparent,
    });
    this.#open.add(call);
    call.onSettle(() => {
      this.#open.delete(call);
      if (this.#open.size === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
    // Too late already: supervision then answers without starting the handler.
    if (call.deadline <= call.startedAt) call.expire();
    return call;
  }

  /** Calls that have not settled. */
  get inFlight(): number {
    return this.#open.size;
  }

  /** Resolves when no call is in work. */
  idle(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Aborts every call in work. */
  abortAll(): void {
    for (const call of this.#open.toArray()) call.abort(CoreErrors.DRAINING());
  }

  #allowed(baggage: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const keys = this.runtime.baggageKeys;
    return new Map([...baggage].filter(([key]) => keys.has(key)));
  }
}
