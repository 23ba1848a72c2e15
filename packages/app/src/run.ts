import { type Clock, type Layer, type Runtime, systemClock, validation } from "@sampan/core";
import type { Transport } from "@sampan/core/ports";
import type { LogSink } from "@sampan/telemetry";
import { Addresses } from "./addresses.js";
import { buildServices } from "./build-services.js";
import { Contexts } from "./contexts.js";
import { Lifecycle, type State } from "./lifecycle.js";
import { OpenDependencies } from "./open-dependencies.js";
import { endProcess } from "./process-end.js";
import { Runtimes } from "./runtimes.js";
import type { ServiceModule } from "./service.js";
import { readServiceSettings, type SettingsOptions } from "./service-settings.js";
import { shutDown } from "./shut-down.js";
import { startAndStop, stopOnAbort } from "./start-and-stop.js";
import { StartSteps } from "./start-steps.js";
import { StartedParts } from "./started-parts.js";
import { reportToParent } from "./supervised.js";
import { openTelemetry } from "./telemetry.js";
import { chooseTransport } from "./transport-choice.js";

export interface RunOptions {
  /** Where settings come from. Default: flags, environment and files of this process. */
  readonly sources?: SettingsOptions;
  /** How services reach each other. Default: as the settings say, in memory or by gRPC. Closed with the process. */
  readonly transport?: Transport;
  /** Where a service listens that does not run here, in the transport's notation. Default: `process.targets`. */
  readonly targetOf?: (service: string) => string;
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
  /** Drains and closes; a second call returns the same promise. Rejects when something did not close. */
  stop(): Promise<void>;
  /** Resolves when the process has stopped. */
  readonly stopped: Promise<void>;
}

/**
 * Runs one service, or many in one process, until it is stopped. In order: all settings are read and checked (every
 * wrong one is reported at once, before anything is opened), dependencies are opened and services built one after the
 * other, listeners started, then the services' own work, then the doors to the outside.
 *
 * Throws `SettingsError`; `TypeError` when two parts share a name; `START_FAILED`, which names the part, or
 * `START_INTERRUPTED`, after everything that was opened is closed again.
 */
export async function run(
  modules: ServiceModule | readonly ServiceModule[],
  options: RunOptions = {},
): Promise<RunningProcess> {
  const services = Array.isArray(modules) ? (modules as readonly ServiceModule[]) : [modules as ServiceModule];
  const settings = readServiceSettings(services, options.sources);
  const { drainTimeout: drainMs, defaultTimeout: defaultTimeoutMs, supervised } = settings.process;
  const { clock = systemClock, clientLayers = [], sagaBoundary = () => {} } = options;

  const telemetry = await openTelemetry(settings.process, clock, options.logSink);
  const { logger } = telemetry;
  const lifecycle = new Lifecycle();
  lifecycle.onChange((state) => telemetry.state(state));
  lifecycle.onChange((state) => options.onState?.(state));

  const chosen = chooseTransport(settings.process, clock, logger);
  const { transport = chosen.transport, targetOf = chosen.targetOf } = options;
  const runtimes = new Runtimes({ clock, telemetry, transport, targetOf, clientLayers, defaultTimeoutMs });
  const addresses = new Addresses();
  if (telemetry.adminUrl !== undefined) addresses.add("admin", telemetry.adminUrl);

  const contexts = new Contexts({ settings, clock, telemetry, runtimes, addresses, sagaBoundary });
  const dependencies = new OpenDependencies((dependency, service) => contexts.ofDependency(dependency, service));
  const interruption = new AbortController();
  const steps = new StartSteps({ clock, signal: interruption.signal, patienceMs: drainMs });
  const started = new StartedParts(steps);

  const { starting, stop } = startAndStop({
    async start() {
      if (supervised) reportToParent(lifecycle, addresses, () => void stop().catch(() => {}));
      const contextOf = (module: ServiceModule) => contexts.ofService(module);
      const built = await buildServices(services, { steps, dependencies, contextOf });
      const layers = [...telemetry.serverLayers, ...(options.layers ?? []), validation()];
      await started.listen(built, { transport, runtimes, layers });
      await started.startRuns(built);
      await started.openEdges(built, addresses);
      steps.check("the last step");
      lifecycle.enter("ready");
      logger.info("ready", { services: services.map(({ name }) => name), ...Object.fromEntries(addresses.all) });
    },
    interrupt: () => interruption.abort(),
    shutDown() {
      const closers = [
        ...dependencies.closers(),
        { name: "transport", close: () => transport.close() },
        { name: "telemetry", close: () => telemetry.close() },
      ];
      return shutDown({ lifecycle, logger, clock, started, closers, drainMs });
    },
  });
  if (options.signals ?? true) endProcess({ lifecycle, logger, stop });
  if (options.signal !== undefined) stopOnAbort(options.signal, stop, lifecycle.stopped);
  try {
    await starting;
  } catch (error) {
    // What did not close has been logged; why it did not start is what the caller must know.
    await stop().catch(() => {});
    throw error;
  }
  return {
    get state() {
      return lifecycle.state;
    },
    addresses: addresses.all,
    runtime: (service) => runtimes.of(service),
    stop,
    stopped: lifecycle.stopped,
  };
}
