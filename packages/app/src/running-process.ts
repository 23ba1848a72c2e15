import type { Clock, Layer, Runtime } from "@sampan/core";
import type { Transport } from "@sampan/core/ports";
import type { EndpointObserver } from "@sampan/discovery";
import type { LogSink } from "@sampan/telemetry";
import type { DiscoveryControl } from "./discovery/discovery.js";
import type { State } from "./lifecycle.js";
import type { SettingsOptions } from "./service-settings.js";

export interface RunOptions {
  /** Where settings come from. Default: flags, environment and files of this process. */
  readonly sources?: SettingsOptions;
  /** How services reach each other. Default: as the settings say, in memory or by gRPC. Closed with the process. */
  readonly transport?: Transport;
  /** Where a service listens that does not run here, in the transport's notation. Default: `process.targets`. */
  readonly targetOf?: (service: string) => string;
  /** Outlier ejection or breakers for the endpoints of a service that is found through `process.registry`. */
  readonly observerOf?: (service: string) => EndpointObserver | undefined;
  /** Around every method that is served, outside the service's own layers; inside tracing, metrics and logs. */
  readonly layers?: readonly Layer[];
  /** Around every call that is made, inside tracing and metrics. */
  readonly clientLayers?: readonly Layer[];
  readonly clock?: Clock;
  /** Where log lines go. Default standard output. */
  readonly logSink?: LogSink;
  /** Called with each state that the process enters. Must not throw. */
  readonly onState?: (state: State) => void;
  /** Called at every step boundary of every saga; a test that throws or ends the process here sees what a crash does. */
  readonly sagaBoundary?: (point: string) => void;
  /** Aborting it stops the process, also one that is starting: `run` rejects with `START_INTERRUPTED` then. */
  readonly signal?: AbortSignal;
  /**
   * Whether the operating-system process ends with this one: on SIGTERM, on SIGINT, and on an error that nobody caught.
   * Default true; one at a time.
   */
  readonly signals?: boolean;
}

/** A process that runs. */
export interface RunningProcess {
  readonly state: State;
  /** Addresses by name: the edges (`gateway`), those that dependencies announce (`standin`), and `admin`. */
  readonly addresses: ReadonlyMap<string, string>;
  /** By service name; for root calls of tools and tests. */
  runtime(service: string): Runtime;
  /** The instances of other services, and this one among them; undefined without `process.registry`. */
  readonly discovery?: DiscoveryControl | undefined;
  /** Drains and closes; a second call returns the same promise. Rejects when something did not close. */
  stop(): Promise<void>;
  /** Resolves when the process has stopped. */
  readonly stopped: Promise<void>;
}
