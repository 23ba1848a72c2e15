import { type Clock, DeadlineTimers, type Layer, Runtime } from "@sampan/core";
import type { Channel, Transport } from "@sampan/core/ports";
import type { Telemetry } from "./telemetry.js";

export interface RuntimesOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly transport: Transport;
  /** Where a service listens that does not run here, in the transport's notation. */
  readonly targetOf?: ((service: string) => string) | undefined;
  /** The channel to a service that is found otherwise; asked first. */
  readonly channelTo?: ((service: string) => Channel | undefined) | undefined;
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
      const {
        clock,
        telemetry,
        transport,
        targetOf,
        channelTo,
        clientLayers,
        defaultTimeoutMs,
        baggageKeys = [],
      } = this.#options;
      runtime = new Runtime({
        name,
        clock,
        defaultTimeoutMs,
        baggageKeys,
        deadlines: this.#deadlines,
        logger: telemetry.logger.child({ service: name }),
        clientLayers: [...telemetry.clientLayers, ...clientLayers],
        connect: (service) => channelTo?.(service) ?? transport.connect(targetOf?.(service) ?? service),
        onRoot: telemetry.onRoot,
      });
      this.#made.set(name, runtime);
      telemetry.observe(runtime);
    }
    return runtime;
  }
}
