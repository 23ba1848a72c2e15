/**
 * What a balancer asks and tells of the instances of one service, by address; `now` is monotonic ms. Packages that
 * balance declare this shape for themselves, so that they need not import this one.
 */
export interface EndpointHealth {
  /** Asked at each pick: whether an endpoint may take this call. True counts as chosen while a breaker probes. */
  healthy(address: string, now: number): boolean;
  /**
   * Told once for each call that went there: `ok` is false for what says that the endpoint is broken, true for any other
   * answer.
   */
  outcome(address: string, ok: boolean, tookMs: number, now: number): void;
  /** The resolver's full set: what is not in it is forgotten. */
  retain(addresses: ReadonlySet<string>): void;
}

/** A guard that lets every call through as it came, because what it decides is for the balancer. */
export interface EndpointGuard {
  readonly health: EndpointHealth;
}
