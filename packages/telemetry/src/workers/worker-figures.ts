import type { MetricFamily } from "../metrics/snapshot.js";
import { type Contribution, lastingFamilies, type MergedMetrics, mergeMetrics } from "./merge-metrics.js";

/**
 * The last known figures of each worker of a service. Counters and histograms of a worker that has ended stay in the
 * totals, as they were when it was heard of last; so totals never go down, whoever dies or does not answer.
 */
export class WorkerFigures {
  readonly #living = new Map<number, Contribution>();
  #ended: readonly MetricFamily[] = [];

  /** `process` is the number of a process and never used again; `worker` is the place that it fills. */
  reported(process: number, worker: number, families: readonly MetricFamily[]): void {
    this.#living.set(process, { worker: String(worker), families });
  }

  /** It will not report again. */
  ended(process: number): void {
    const last = this.#living.get(process);
    if (last === undefined) return;
    this.#living.delete(process);
    this.#ended = mergeMetrics([
      { worker: "", families: this.#ended },
      { worker: "", families: lastingFamilies(last.families) },
    ]).families;
  }

  /** Everything as that of one service; `own` are the figures of the process that asks. */
  merged(own: readonly MetricFamily[]): MergedMetrics {
    return mergeMetrics([
      { worker: "primary", families: own },
      { worker: "", families: this.#ended },
      ...this.#living.values(),
    ]);
  }
}
