import { type Clock, DeadlineTimers, type Layer, Runtime } from "@sampan/core";
import type { Channel } from "@sampan/core/ports";
import type { Telemetry } from "./telemetry.js";

export interface RuntimesOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The channel to a service by its full name. */
  readonly connect: (service: string) => Channel;
  /** Around every call that is made, inside tracing and metrics. */
  readonly clientLayers: readonly Layer[];
  readonly defaultTimeoutMs: number;
  /** Baggage that calls pass on. */
  readonly baggageKeys?: readonly string[];
}

/** The runtimes of the process by name: one for each service and each shared dependency. They share timers and transport. */
export class Runtimes {
  readonly #options: RuntimesOptions;
  readonly #deadlines: DeadlineTimers;
  readonly #made = new Map<string, Runtime>();

  constructor(options: RuntimesOptions) {
    this.#options = options;
    this.#deadlines = new DeadlineTimers(options.clock);
  }

  /** Made when it is first asked for. */
  of(name: string): Runtime {
    let runtime = this.#made.get(name);
    if (runtime === undefined) {
      const { clock, telemetry, connect, clientLayers, defaultTimeoutMs, baggageKeys = [] } = this.#options;
      runtime = new Runtime({
        name,
        clock,
        defaultTimeoutMs,
        baggageKeys,
        deadlines: this.#deadlines,
        logger: telemetry.logger.child({ service: name }),
        clientLayers: [...telemetry.clientLayers, ...clientLayers],
        connect,
        onRoot: telemetry.onRoot,
      });
      this.#made.set(name, runtime);
      telemetry.observe(runtime);
    }
    return runtime;
  }
}
