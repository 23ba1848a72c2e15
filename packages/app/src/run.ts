import { type ProcessSources, processSources, readSettings, type SettingSections } from "@sampan/config";
import { type Clock, DeadlineTimers, Dispatcher, type Layer, Runtime, systemClock, validation } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { Listener, Transport } from "@sampan/core/ports";
import type { Dependency } from "./dependency.js";
import { Lifecycle, type State } from "./lifecycle.js";
import { OpenDependencies } from "./open-dependencies.js";
import { ProcessSettings } from "./process-settings.js";
import type { Parts, Runnable, ServiceModule } from "./service.js";
import { shutDown } from "./shut-down.js";
import { onSignals } from "./signals.js";
import { openTelemetry } from "./telemetry.js";

export interface RunOptions {
  /** Where settings come from. Default: flags, environment and files of this process. */
  readonly sources?: ProcessSources;
  /** How services reach each other. Default: in memory, when all of them run here. */
  readonly transport?: Transport;
  /** Where a service listens that does not run here, in the transport's notation. */
  readonly targetOf?: (service: string) => string;
  /** Around every method that is served, outside the service's own layers; inside tracing, metrics and logs. */
  readonly layers?: readonly Layer[];
  /** Around every call that is made. */
  readonly clientLayers?: readonly Layer[];
  readonly clock?: Clock;
  /** Called at every step boundary of every saga; a test that throws or ends the process here sees what a crash does. */
  readonly sagaBoundary?: (point: string) => void;
  /** Stop on SIGTERM and SIGINT, exit on a second one. Default true. */
  readonly signals?: boolean;
}

/** A process that runs. */
export interface RunningProcess {
  readonly state: State;
  /** Addresses by name: the edges (`gateway`), and `admin`. */
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
 * wrong one is reported at once, before anything is opened), dependencies are opened, services built, listeners
 * started, then the services' own work, then the doors to the outside. When a step fails, what was opened is closed
 * again and the error is thrown.
 */
export async function run(
  modules: ServiceModule | readonly ServiceModule[],
  options: RunOptions = {},
): Promise<RunningProcess> {
  const services = Array.isArray(modules) ? (modules as readonly ServiceModule[]) : [modules as ServiceModule];
  const { values } = readSettings(sectionsOf(services), processSources(options.sources));
  const all = values as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const settings = all.process as unknown as ProcessSettings;
  const clock = options.clock ?? systemClock;
  const telemetry = await openTelemetry(settings, clock);
  const { logger, meter } = telemetry;
  const transport = options.transport ?? memoryTransport({ verify: settings.verifyMessages });
  const serverLayers = [...telemetry.serverLayers, ...(options.layers ?? []), validation()];
  const clientLayers = [...telemetry.clientLayers, ...(options.clientLayers ?? [])];
  const deadlines = new DeadlineTimers(clock);
  const runtimes = new Map<string, Runtime>();
  const runtimeOf = (name: string): Runtime => {
    let runtime = runtimes.get(name);
    if (runtime === undefined) {
      runtime = new Runtime({
        name,
        clock,
        clientLayers,
        deadlines,
        logger: logger.child({ service: name }),
        defaultTimeoutMs: settings.defaultTimeout,
        connect: (service) => transport.connect(options.targetOf?.(service) ?? service),
      });
      runtimes.set(name, runtime);
      telemetry.observe(runtime);
    }
    return runtime;
  };
  const addresses = new Map<string, string>();
  const dependencies = new OpenDependencies((dependency: Dependency<unknown>, service) => ({
    service,
    settings: all[dependency.name] ?? {},
    dataFolder: settings.data,
    clock,
    meter,
    logger: logger.child({ service: service === "" ? dependency.name : service }),
    runtime: runtimeOf(service === "" ? dependency.name : service),
    announce: (name, url) => addresses.set(name, url),
  }));

  const lifecycle = new Lifecycle();
  lifecycle.onChange((state) => telemetry.state(state));
  const listeners: Listener[] = [];
  const started: Runnable[] = [];
  const doors: { drain(): Promise<void>; close(): Promise<void> }[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= shutDown({
      lifecycle,
      logger,
      clock,
      doors,
      running: started,
      listeners,
      timeoutMs: settings.drainTimeout,
      closers: [() => dependencies.close(), () => transport.close(), () => telemetry.close()],
    });
    return stopping;
  };

  try {
    const built: { readonly module: ServiceModule; readonly parts: Parts }[] = [];
    for (const module of services) {
      const needs: Record<string, unknown> = {};
      for (const [name, dependency] of Object.entries(module.needs)) {
        needs[name] = await dependencies.get(dependency, module.name);
      }
      const parts = await module.build({
        ...needs,
        settings: all[module.name],
        clock,
        meter,
        logger: logger.child({ service: module.name }),
        runtime: runtimeOf(module.name),
        edgeLayers: telemetry.serverLayers,
        sagaBoundary: options.sagaBoundary ?? (() => {}),
        addressOf: (edge: string) => addresses.get(edge),
      });
      built.push({ module, parts });
    }
    for (const { module, parts } of built) {
      if (parts.serves === undefined || parts.serves.length === 0) continue;
      const layers = [...serverLayers, ...module.layers];
      listeners.push(await transport.listen(new Dispatcher(runtimeOf(module.name), parts.serves, layers)));
    }
    for (const { parts } of built) {
      for (const work of parts.runs ?? []) {
        started.push(work);
        await work.start();
      }
    }
    for (const { parts } of built) {
      for (const edge of parts.edges ?? []) {
        const door = await edge.listen();
        doors.push(door);
        addresses.set(edge.name, door.url);
      }
    }
    if (telemetry.adminUrl !== undefined) addresses.set("admin", telemetry.adminUrl);
    lifecycle.enter("ready");
  } catch (error) {
    await stop().catch((closing: unknown) =>
      logger.error("closing after a failed start failed too", { error: closing }),
    );
    throw error;
  }
  const stopped = new Promise<void>((resolve) => lifecycle.onChange((state) => state === "stopped" && resolve()));
  if (options.signals ?? true) onSignals({ stop, logger, stopped });
  logger.info("ready", { services: services.map((module) => module.name), ...Object.fromEntries(addresses) });
  return {
    get state() {
      return lifecycle.state;
    },
    addresses,
    runtime: runtimeOf,
    stop,
    stopped,
  };
}

/** The sections of the process, of its services, and of everything that they need. */
export function sectionsOf(services: readonly ServiceModule[]): SettingSections {
  const sections: Record<string, SettingSections[string]> = { process: ProcessSettings };
  for (const module of services) {
    if (sections[module.name] !== undefined)
      throw new TypeError(`two services, or a service and a dependency, are named ${module.name}`);
    sections[module.name] = module.settings;
  }
  for (const module of services) {
    for (const dependency of Object.values(module.needs)) {
      if (dependency.settings !== undefined) sections[dependency.name] = dependency.settings;
    }
  }
  return sections;
}
