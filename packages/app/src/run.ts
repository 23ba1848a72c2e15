import { systemClock, validation } from "@sampan/core";
import { authorization, servedTenants } from "@sampan/identity";
import { Addresses } from "./addresses.js";
import { buildServices } from "./build-services.js";
import { type CertificatePlan, certificatePlan } from "./certificates/index.js";
import { Contexts } from "./contexts.js";
import { Discovery } from "./discovery/discovery.js";
import { type RegistryPlan, registryOf } from "./discovery/registry/registry-plan.js";
import { reasonOf } from "./errors.js";
import { type Governance, type GovernSettings, openGovernance, rulesPage, sharedPorts } from "./governance/index.js";
import { Lifecycle } from "./lifecycle.js";
import { type LoadedSettings, loadSettings } from "./live-settings/index.js";
import { oneRunner } from "./one-runner.js";
import { OpenDependencies } from "./open-dependencies.js";
import { endProcess } from "./process-end.js";
import { ProcessSecurity } from "./process-security.js";
import { callersBy, QueuedCalls } from "./queued-calls/index.js";
import type { RunningProcess, RunOptions } from "./running-process.js";
import { Runtimes } from "./runtimes.js";
import type { ServiceModule } from "./service.js";
import { shutDown } from "./shut-down.js";
import { startAndStop, stopOnAbort } from "./start-and-stop.js";
import { StartSteps } from "./start-steps.js";
import { StartedParts } from "./started-parts.js";
import { reportToParent } from "./supervised.js";
import { openTelemetry } from "./telemetry.js";
import { chooseTransport } from "./transport-choice.js";
import { requireSeveralProcesses } from "./workers/one-process-only.js";
import { runPrimary } from "./workers/primary.js";
import { workerCount } from "./workers/worker-setting.js";
import { doesRuns, followPrimary, tellFailure, tellFigures, workerPlace } from "./workers/worker-side.js";

export type { RunningProcess, RunOptions } from "./running-process.js";

/**
 * Runs one service, or many in one process, until it is stopped. In order: all settings are read and checked (every
 * wrong one is reported at once, before anything is opened), dependencies are opened and services built one after the
 * other, listeners started, then the services' own work, then the doors to the outside.
 *
 * With `process.workers` above 1 the program runs once in each worker, too: there `run` does all this, and here it
 * starts the workers, replaces those that end, and has the admin port.
 *
 * Throws `SettingsError`; `TypeError` when two parts share a name; `START_FAILED`, which names the part, or
 * `START_INTERRUPTED`, after everything that was opened is closed again.
 */
export async function run(
  modules: ServiceModule | readonly ServiceModule[],
  options: RunOptions = {},
): Promise<RunningProcess> {
  const services = Array.isArray(modules) ? (modules as readonly ServiceModule[]) : [modules as ServiceModule];
  const place = workerPlace();
  const loaded = await loadSettings(services, options.sources, { clock: options.clock ?? systemClock, worker: place });
  const { settings } = loaded;
  const certified = certificatePlan(settings, options.sources?.env);
  const planned = { ...loaded, plan: registryOf(settings), certified };
  if (place !== undefined) return runHere(services, planned, options, place);
  const { workers } = settings.process;
  const count = workerCount(workers);
  if (count === 1) return runHere(services, planned, options, undefined);
  requireSeveralProcesses(services, settings, workers);
  return runPrimary({ services, settings, certified, workers: count, run: options });
}

/** What was planned from settings before anything is opened. */
interface Plans {
  readonly plan: RegistryPlan | undefined;
  readonly certified: CertificatePlan | undefined;
}

/** In this process; `place` is that of a worker. */
async function runHere(
  services: readonly ServiceModule[],
  { settings, live, plan, certified }: LoadedSettings & Plans,
  options: RunOptions,
  place: number | undefined,
): Promise<RunningProcess> {
  const isWorker = place !== undefined;
  const {
    drainTimeout: drainMs,
    defaultTimeout: defaultTimeoutMs,
    tenants,
    supervised,
    workerReportLimit: maxReport,
  } = settings.process;
  const { clock = systemClock, clientLayers = [], sagaBoundary = () => {} } = options;

  const telemetry = await openTelemetry(settings.process, {
    clock,
    sink: options.logSink,
    // Asked for later, when there is something to show.
    morePages: [rulesPage(() => governance.state()), ...ProcessSecurity.pages(() => security)],
    // What a worker has to tell goes through the primary, which has the one admin port.
    ...(isWorker ? { admin: false, fields: { worker: place } } : {}),
  });
  const { logger } = telemetry;
  live.view("process").watch(({ logLevel }) => telemetry.logLevel(logLevel as typeof settings.process.logLevel));
  const lifecycle = new Lifecycle();
  lifecycle.onChange((state) => telemetry.state(state));
  lifecycle.onChange((state) => options.onState?.(state));

  const names = services.map(({ name }) => name);
  const security = new ProcessSecurity({ services: names, settings, plan: certified, place, clock, telemetry });
  const { certificates } = security;
  const transports = chooseTransport(settings.process, { clock, logger, certificates, given: options });
  const { sharedData, data } = settings.process;
  const { meter } = telemetry;
  const name = services[0]?.name ?? "process";
  const everythingHere = transports.isMemory && !isWorker;
  const shared = sharedPorts({
    services,
    settings,
    everythingHere,
    dependencies: () => dependencies,
    runtimeOf: (name) => runtimes.of(name),
    clock,
  });
  const govern = settings.section("govern") as GovernSettings;
  const governance: Governance = openGovernance(govern, {
    clock,
    telemetry,
    everythingHere,
    published: (rules) => live.rules(rules),
    ...shared,
  });
  const { observerOf } = options;
  const rulesOf = (service: string) => governance.endpoints(service);
  const discovery =
    plan === undefined
      ? undefined
      : new Discovery({
          settings: settings.process,
          registry: plan,
          name,
          clock,
          logger,
          meter,
          observerOf,
          rulesOf,
          certificates,
        });
  const runtimes = new Runtimes({
    clock,
    telemetry,
    connect: (service) => discovery?.channelTo(service) ?? transports.connect(service),
    clientLayers: [...governance.clientLayers, ...clientLayers],
    defaultTimeoutMs,
    baggageKeys: governance.labels,
  });
  const addresses = new Addresses();
  if (telemetry.adminUrl !== undefined) addresses.add("admin", telemetry.adminUrl);

  const contexts = new Contexts({ settings, live, clock, telemetry, runtimes, addresses, sagaBoundary });
  const dependencies = new OpenDependencies((dependency, service) => contexts.ofDependency(dependency, service));
  const interruption = new AbortController();
  const steps = new StartSteps({ clock, signal: interruption.signal, patienceMs: drainMs });
  const started = new StartedParts(steps);

  const { starting, stop } = startAndStop({
    async start() {
      // The parent of a worker is the primary.
      if (supervised && !isWorker) reportToParent(lifecycle, addresses, () => void stop().catch(() => {}));
      // Opens a store without asking it anything, so it needs no step.
      await live.start({ logger, meter });
      await security.start(steps, interruption.signal);
      const contextOf = (module: ServiceModule) => contexts.ofService(module);
      const built = await buildServices(services, { steps, dependencies, contextOf });
      // When it is known what is served, and before anything is.
      governance.serves(built.flatMap(({ parts }) => parts.serves ?? []));
      if (governance.configured) await steps.step("traffic rules", () => governance.start());
      const layers = [
        ...telemetry.serverLayers,
        ...security.layers,
        // Before anything is counted or kept for a tenant.
        servedTenants(tenants),
        // Outside of rules: a call that they enqueue is made later, and whoever made it may have nothing to say then.
        authorization(),
        ...governance.serverLayers,
        ...(options.layers ?? []),
        validation(),
      ];
      await started.listen(built, { transport: transports.transport, runtimes, layers });
      if (doesRuns(place)) {
        await started.startRuns(sharedData ? oneRunner(built, { folder: data, clock, logger }) : built);
        if (discovery !== undefined) await steps.step("registration", () => discovery.announce(started.served));
      }
      const { openBroker } = shared;
      if (openBroker !== undefined)
        await started.startRun(
          "queued calls",
          new QueuedCalls({
            openBroker,
            dispatchers: started.dispatchers,
            topicsOf: (methods) => governance.topicsOf(methods),
            onChange: (listener) => governance.onLoad(listener),
            concurrency: govern.queuedCalls,
            attempts: govern.queuedCallAttempts,
            clock,
            logger: logger.child({ component: "queued-calls" }),
            meter,
            callerOf: callersBy({
              id: () => certificates?.id ?? "",
              isRemote: settings.section("broker").remote === true,
            }),
          }),
        );
      await started.openEdges(built, addresses);
      steps.check("the last step");
      lifecycle.enter("ready");
      logger.info("ready", { services: names, ...Object.fromEntries(addresses.all) });
    },
    interrupt: () => interruption.abort(),
    shutDown() {
      const closers = [
        ...dependencies.closers(),
        ...(discovery === undefined ? [] : [{ name: "discovery", close: () => discovery.close() }]),
        { name: "transport", close: () => transports.close() },
        ...security.closers(),
        { name: "traffic rules", close: () => governance.close() },
        { name: "configuration", close: () => live.close() },
        ...(isWorker ? [{ name: "last figures", close: () => tellFigures(telemetry.meter, maxReport) }] : []),
        { name: "telemetry", close: () => telemetry.close() },
      ];
      const leave = discovery === undefined ? undefined : () => discovery.leave();
      return shutDown({ lifecycle, logger, clock, started, leave, closers, drainMs });
    },
  });
  if (isWorker) {
    const { end } = endProcess({ lifecycle, logger, stop, deaf: true });
    const { meter, tracer } = telemetry;
    followPrimary({ lifecycle, addresses, meter, tracer, maxReport, stop: () => end(0) });
  } else if (options.signals ?? true) endProcess({ lifecycle, logger, stop });
  if (options.signal !== undefined) stopOnAbort(options.signal, stop, lifecycle.stopped);
  try {
    await starting;
  } catch (error) {
    // What did not close has been logged; why it did not start is what the caller must know.
    await stop().catch(() => {});
    if (isWorker) await tellFailure(reasonOf(error));
    throw error;
  }
  return {
    get state() {
      return lifecycle.state;
    },
    addresses: addresses.all,
    runtime: (service) => runtimes.of(service),
    discovery,
    stop,
    stopped: lifecycle.stopped,
  };
}
