import type { Gauge } from "@sampan/core/ports";
import {
  type AdminAnswer,
  type AdminPage,
  decodeSnapshot,
  type MetricsRegistry,
  type RingTracer,
  WorkerFigures,
  workerPages,
} from "@sampan/telemetry";
import type { Answer } from "./asks.js";
import type { Subject } from "./messages.js";
import type { Living } from "./supervisor.js";

export interface FleetTelemetryOptions {
  readonly workers: number;
  readonly timeoutMs: number;
  readonly ask: (
    subject: Subject,
    query: string,
    timeoutMs: number,
  ) => Promise<readonly { readonly worker: Living; readonly answer: Answer | undefined }[]>;
  /** Workers that are ready now. */
  readonly ready: () => number;
}

interface Own {
  readonly meter: MetricsRegistry;
  readonly tracer: RingTracer;
}

/** Metrics and traces of all workers, for the one admin port. */
export class FleetTelemetry {
  readonly #options: FleetTelemetryOptions;
  readonly #figures = new WorkerFigures();

  constructor(options: FleetTelemetryOptions) {
    this.#options = options;
  }

  /** Figures that a worker sent by itself. Text that is none changes nothing; false then. */
  reported({ id, place }: Living, body: string): boolean {
    try {
      this.#figures.reported(id, place, decodeSnapshot(body));
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  ended({ id }: Living): void {
    this.#figures.ended(id);
  }

  pages({ meter, tracer }: Own): readonly AdminPage[] {
    const gauge = (name: string, help: string): Gauge => meter.gauge({ name, help });
    const known = {
      configured: gauge("workers_configured", "Workers that there should be."),
      ready: gauge("workers_ready", "Workers that are ready."),
      missing: gauge("worker_metrics_missing", "Workers whose figures are older than this answer, or unknown."),
      conflicts: gauge("worker_metrics_conflicts", "Metrics of workers that do not fit those of others, left out."),
    };
    known.configured.set(this.#options.workers);
    return workerPages({
      tracer,
      metrics: async () => {
        known.missing.set(await this.#refresh());
        known.ready.set(this.#options.ready());
        // Before the snapshot, which shows it; and one snapshot only, because some figures are of the time since the last.
        known.conflicts.set(this.#figures.merged([]).conflicts);
        return this.#figures.merged(meter.snapshot()).families;
      },
      traces: (query) => this.#traces(query),
    });
  }

  /** Asks all workers for their figures; how many gave none. */
  async #refresh(): Promise<number> {
    const { ask, timeoutMs } = this.#options;
    let missing = 0;
    for (const { worker, answer } of await ask("metrics", "", timeoutMs)) {
      if (answer === undefined || !this.reported(worker, answer.body)) missing++;
    }
    return missing;
  }

  async #traces(query: URLSearchParams): Promise<readonly AdminAnswer[]> {
    const { ask, timeoutMs } = this.#options;
    const answers = await ask("traces", query.toString(), timeoutMs);
    return answers.flatMap(({ answer }) =>
      answer === undefined ? [] : [{ ...answer, contentType: "application/json; charset=utf-8" }],
    );
  }
}
