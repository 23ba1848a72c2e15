/** What a probe found. */
export interface ProbeResult {
  readonly status: "up" | "down";
  /** How long the answer took, in ms; the cut-off when none came. */
  readonly rt: number;
  /** When, in ms since the epoch by the prober's clock. */
  readonly ts: number;
}

/**
 * Where processes share what they found, so that an instance is probed by one of them and not by each. Everything may
 * fail with `Unavailable`: then every process probes for itself.
 */
export interface ProbeBoard {
  /**
   * Takes on the probing of instances for so long; the result holds those that nobody else has. Whoever has them asks
   * again before the time ends. When the process dies its duties end by themselves.
   */
  claim(service: string, ids: readonly string[], owner: string, ttlMs: number): Promise<ReadonlySet<string>>;
  /** Gives duties back early. */
  release(service: string, ids: readonly string[], owner: string): Promise<void>;
  /** Results by instance id; each is gone after `ttlMs` unless it is published again. */
  publish(service: string, results: ReadonlyMap<string, ProbeResult>, ttlMs: number): Promise<void>;
  /** The results of a service that are not yet gone, by instance id, now and whenever one changes. */
  watch(service: string, listener: (results: ReadonlyMap<string, ProbeResult>) => void): { close(): void };
  /** Ends what the board does in the background; its duties are free. For boards that have something to end. */
  close?(): Promise<void>;
}
