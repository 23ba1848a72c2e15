import { systemClock } from "@sampan/core";
import { Addresses } from "../addresses.js";
import { type CertificatePlan, certificatesPage, ProcessCertificates } from "../certificates/index.js";
import { Lifecycle } from "../lifecycle.js";
import { endProcess } from "../process-end.js";
import type { RunningProcess, RunOptions } from "../running-process.js";
import { Runtimes } from "../runtimes.js";
import type { ServiceModule } from "../service.js";
import type { ServiceSettings } from "../service-settings.js";
import { startAndStop, stopOnAbort } from "../start-and-stop.js";
import { StartSteps } from "../start-steps.js";
import { reportToParent } from "../supervised.js";
import { openTelemetry } from "../telemetry.js";
import { chooseTransport } from "../transport-choice.js";
import { FleetHealth } from "./fleet-health.js";
import { FleetTelemetry } from "./fleet-telemetry.js";
import { clusterFork } from "./forked-worker.js";
import { Supervisor } from "./supervisor.js";

export interface PrimaryOptions {
  readonly services: readonly ServiceModule[];
  readonly settings: ServiceSettings;
  /** Undefined without mTLS. */
  readonly certified: CertificatePlan | undefined;
  readonly workers: number;
  readonly run: RunOptions;
}

/** How long a worker may take beyond the drain timeout, ms: to abort what is left, and to close what is open. */
const closeMs = 4000;

let running = false;

/**
 * Runs services in workers. This process serves nothing: it accepts connections for the workers, supervises them, and
 * tells of them all at the admin port. Its runtimes reach what `process.targets` names.
 *
 * Throws as `run` does, after all workers have ended; `TypeError` when this program does so already.
 */
export async function runPrimary(options: PrimaryOptions): Promise<RunningProcess> {
  // Workers run the whole program: two of these would each start the other's workers too.
  if (running) throw new TypeError("one run with process.workers above 1 at a time in a program");
  running = true;
  try {
    return await start(options);
  } catch (error) {
    running = false;
    throw error;
  }
}

async function start(options: PrimaryOptions): Promise<RunningProcess> {
  const { services, certified, workers, run } = options;
  const { process: settings } = options.settings;
  const { clock = systemClock, clientLayers = [] } = run;
  const { drainTimeout: drainMs, defaultTimeout: defaultTimeoutMs, supervised } = settings;
  const lifecycle = new Lifecycle();
  const addresses = new Addresses();
  const fleetTelemetry = new FleetTelemetry({
    workers,
    timeoutMs: settings.workerReportTimeout,
    ask: (subject, query, timeoutMs) => supervisor.ask(subject, query, timeoutMs),
    ready: () => supervisor.ready,
  });
  const telemetry = await openTelemetry(settings, {
    clock,
    sink: run.logSink,
    // Each worker has a policy and a trail of its own; certificates are those of one Workload API.
    pages: (own) => [...fleetTelemetry.pages(own), certificatesPage(() => certificates)],
  });
  const { logger } = telemetry;
  const health = new FleetHealth(telemetry.health, workers);
  lifecycle.onChange((state) => telemetry.state(state));
  lifecycle.onChange((state) => run.onState?.(state));
  if (telemetry.adminUrl !== undefined) addresses.add("admin", telemetry.adminUrl);

  const supervisor = new Supervisor({
    workers,
    maxFailedStarts: settings.workerStarts,
    clock,
    logger,
    fork: clusterFork(),
    onChange(worker, state) {
      if (state === "ready") {
        for (const [name, url] of Object.entries(worker.addresses))
          if (addresses.get(name) === undefined) addresses.add(name, url);
        health.ready(worker.place, supervisor.ready);
        return;
      }
      health.gone(worker.place, supervisor.ready);
      if (state === "ended") fleetTelemetry.ended(worker);
    },
    onFigures: (worker, body) => fleetTelemetry.reported(worker, body),
    onGiveUp(error) {
      logger.error("a worker cannot be replaced: the service stops", { error });
      if (end !== undefined) end(1);
      else stop().catch(() => {});
    },
  });
  const { meter, health: overall } = telemetry;
  const [first = "process"] = services.map(({ name }) => name);
  const certificates: ProcessCertificates | undefined =
    certified === undefined
      ? undefined
      : new ProcessCertificates({ plan: certified, name: first, clock, logger, meter, health: overall });
  const transports = chooseTransport(settings, { clock, logger, certificates, given: run });
  const { connect } = transports;
  const runtimes = new Runtimes({ clock, telemetry, connect, clientLayers, defaultTimeoutMs });

  const interruption = new AbortController();
  const steps = new StartSteps({ clock, signal: interruption.signal, patienceMs: drainMs });
  const killAll = (): void => supervisor.kill();
  // A second signal ends this process without another word; nobody else would end the workers before they have drained.
  process.once("exit", killAll);
  const { starting, stop } = startAndStop({
    async start() {
      if (supervised) reportToParent(lifecycle, addresses, () => void stop().catch(() => {}));
      if (certificates !== undefined) await steps.step("certificates", () => certificates.start(interruption.signal));
      await supervisor.start();
      lifecycle.enter("ready");
      const names = services.map(({ name }) => name);
      logger.info("ready", { services: names, workers, ...Object.fromEntries(addresses.all) });
    },
    interrupt() {
      interruption.abort();
      supervisor.interrupt();
    },
    async shutDown() {
      if (lifecycle.state === "ready") logger.info("draining", { timeout_ms: drainMs, workers: supervisor.ready });
      lifecycle.enter("draining");
      const failures = await supervisor.stop(drainMs + closeMs);
      await transports.close();
      await certificates?.close();
      await telemetry.close();
      process.off("exit", killAll);
      running = false;
      lifecycle.enter("stopped");
      if (failures.length > 0)
        throw new AggregateError(failures, "the process stopped, but not every worker did so well");
    },
  });
  const end = (run.signals ?? true) ? endProcess({ lifecycle, logger, stop }).end : undefined;
  if (run.signal !== undefined) stopOnAbort(run.signal, stop, lifecycle.stopped);
  try {
    await starting;
  } catch (error) {
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
