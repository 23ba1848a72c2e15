/** How a service's instances are probed beside their leases. */
export interface ProbePolicy {
  /** Between two probes of an instance, in ms. */
  readonly intervalMs: number;
  /** A probe that takes longer has failed, in ms. */
  readonly cutOffMs: number;
  /** Failures in a row after which an instance is down, and successes after which it is up again. */
  readonly failures: number;
  readonly successes: number;
  /** Probes under way at a time; others wait for their turn. */
  readonly maxConcurrent: number;
}

/**
 * By how much a failure matters: a class P0 instance that stops answering is out of use within a second (500 ms and the
 * 300 ms cut-off), one of P1 within five.
 */
export const probeClasses: Readonly<Record<"P0" | "P1", ProbePolicy>> = {
  P0: { intervalMs: 500, cutOffMs: 300, failures: 1, successes: 2, maxConcurrent: 64 },
  P1: { intervalMs: 2000, cutOffMs: 300, failures: 2, successes: 2, maxConcurrent: 64 },
};

/** How long a result that another process published counts, in ms. */
export const sharedResultTtlMs = 10_000;
