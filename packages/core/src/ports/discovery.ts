import type { RpcError } from "../rpc-error.js";

/** One instance of a service, as a registry knows it. */
export interface Instance {
  /** Unique within the service: an instance that is replaced comes back with another. */
  readonly id: string;
  /** Where its calls go, in the transport's notation: `ipv4:10.0.0.7:50051`, `unix:/run/order.sock`. */
  readonly address: string;
  /** Empty when it is not known. */
  readonly zone: string;
  /** Share of the traffic relative to the others, 1 to 1000. Default 100; 0 takes no new calls. */
  readonly weight: number;
  /** The release it runs, such as `canary`; empty means stable. */
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What active probes and the instance itself say. `overloaded`: it lives, but its event loop is blocked. */
  readonly health: "up" | "down" | "overloaded" | "unknown";
}

/**
 * What a watch tells: the full set, or why it is not known at the moment. Never a difference, so that a listener that
 * has missed one event has missed nothing.
 */
export type ResolverEvent =
  | { readonly instances: readonly Instance[] }
  /** The registry cannot be asked; what was known before stays in use. */
  | { readonly error: RpcError };

export interface Watch {
  /** No event after this. */
  close(): void;
  /** Ask again soon: a call has failed in a way that says the set may be out of date. Bounded in frequency by the resolver. */
  refresh(): void;
}

/** Finds the instances of services. Never throws for what a registry says: that is an event. */
export interface Resolver {
  /** The first event comes soon, also when it is an error; later ones when something changes. Never synchronously. */
  watch(service: string, listener: (event: ResolverEvent) => void): Watch;
  /** Ends all watches and frees everything. */
  close(): Promise<void>;
}

/** One registration, kept alive until it is closed. */
export interface Registration {
  /** Replaces health, weight and labels. Resolves when the registry has it. */
  update(change: Partial<Pick<Instance, "health" | "weight" | "labels">>): Promise<void>;
  /** Takes the instance out of the registry and stops renewing. Resolves when callers can see it, or after the limit. */
  close(): Promise<void>;
}

/** Announces instances under a lease: when the process dies, the registry forgets them within the lease's time. */
export interface Registrar {
  /**
   * Resolves when the registry has the instance. A lease that is lost later (partition, restart of the registry) is
   * taken anew with backoff; `Registration` does not change. Rejects with `RpcError` for an instance that is not valid.
   */
  register(service: string, instance: Instance): Promise<Registration>;
  /** Closes all registrations. */
  close(): Promise<void>;
}

/** What a balancer may know of a call. */
export interface PickHints {
  /** For hash balancers: the same key goes to the same instance while the set stays. Empty: any. */
  readonly key: string;
  /** For IP hash: the caller's address without port. */
  readonly client: string;
}

/**
 * An instance as its callers see it: what they know of it, kept while its id stays. The channel counts; balancers only
 * read, and keep what they need of their own beside.
 */
export interface Endpoint {
  readonly instance: Instance;
  /** The instance's weight, less while it warms up. At least a little above 0. */
  readonly weight: number;
  /** Calls that have begun here and not ended. */
  readonly inFlight: number;
  /**
   * The time in ms that its answers are expected to take, quick to rise and slow to fall; 0 before the first. It also
   * falls while nothing is asked of it, so that one that was slow is tried again.
   */
  expectedMs(now: number): number;
}

/**
 * Chooses among endpoints. A decider: no I/O, no clock, no allocation. `now` is monotonic milliseconds, `random` in
 * [0, 1). One balancer serves one list; `pick` is the hot path.
 */
export interface Balancer {
  /** The full list, whose members and weights have changed. */
  update(endpoints: readonly Endpoint[], now: number): void;
  /** Undefined only when the list is empty. */
  pick(hints: PickHints, now: number): Endpoint | undefined;
}
