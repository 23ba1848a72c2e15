import type { Clock, Layer, Runtime } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import {
  accessLog,
  adminServer,
  createHealth,
  createLogger,
  createMeter,
  type MetricsRegistry,
  metrics,
  processMetrics,
  type RingTracer,
  ringTracer,
  tracing,
} from "@sampan/telemetry";
import type { State } from "./lifecycle.js";
import type { ProcessSettings } from "./process-settings.js";

/** What a process tells about itself. */
export interface Telemetry {
  readonly logger: Logger;
  readonly meter: MetricsRegistry;
  readonly tracer: RingTracer;
  readonly serverLayers: readonly Layer[];
  readonly clientLayers: readonly Layer[];
  /** Where health, metrics and traces are; undefined when the admin port is off. */
  readonly adminUrl: string | undefined;
  /** Counts the runtime's abandoned handlers. */
  observe(runtime: Runtime): void;
  state(state: State): void;
  close(): Promise<void>;
}

const healthOf = { starting: "starting", ready: "up", draining: "draining", stopped: "down" } as const;

/** Logs, metrics, traces and the admin port, as the settings say. */
export async function openTelemetry(settings: ProcessSettings, clock: Clock): Promise<Telemetry> {
  const format = settings.logFormat === "pretty" && process.stdout.isTTY ? "pretty-color" : settings.logFormat;
  const logger = createLogger({ level: settings.logLevel, format, clock });
  const meter = createMeter();
  const tracer = ringTracer(settings.traces);
  const health = createHealth();
  health.set("process", "starting");
  const runtimes: Runtime[] = [];
  const stopMetrics = processMetrics(meter, { runtimes: () => runtimes });
  const { adminHost: host, adminPort: port } = settings;
  const admin = port < 0 ? undefined : await adminServer({ host, port, health, meter, tracer, logger });
  return {
    logger,
    meter,
    tracer,
    serverLayers: [tracing(tracer), metrics(meter), accessLog(logger, { successes: "slow" })],
    clientLayers: [tracing(tracer), metrics(meter)],
    adminUrl: admin?.url,
    observe: (runtime) => void runtimes.push(runtime),
    state: (state) => health.set("process", healthOf[state]),
    async close() {
      stopMetrics();
      await admin?.close();
    },
  };
}
