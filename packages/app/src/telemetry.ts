import type { Call, Clock, Layer, Runtime } from "@sampan/core";
import type { LogFields, Logger } from "@sampan/core/ports";
import {
  type AdminPage,
  accessLog,
  adminServer,
  createHealth,
  createLogger,
  createMeter,
  type Health,
  type LogLevel,
  type LogSink,
  type MetricsRegistry,
  metrics,
  processMetrics,
  type RingTracer,
  ringTracer,
  streamSink,
  traceCall,
  tracing,
} from "@sampan/telemetry";
import { AppErrors, reasonOf } from "./errors.js";
import type { State } from "./lifecycle.js";
import type { ProcessSettings } from "./process-settings.js";

/** What a process tells about itself: logs, metrics, traces, health. Closed last, so that it can tell of the end too. */
export interface Telemetry {
  readonly logger: Logger;
  readonly meter: MetricsRegistry;
  readonly tracer: RingTracer;
  readonly health: Health;
  /** Tracing, metrics, access log. */
  readonly serverLayers: readonly Layer[];
  /** Tracing and metrics; whoever serves a call logs it. */
  readonly clientLayers: readonly Layer[];
  /** Work without a caller passes no layer: this makes its span. */
  readonly onRoot: (call: Call) => void;
  /** Where health, metrics and traces are; undefined when the admin port is off. */
  readonly adminUrl: string | undefined;
  /** Counts the runtime's abandoned handlers. */
  observe(runtime: Runtime): void;
  /** What `/readyz` says from now on. */
  state(state: State): void;
  /** The least important lines to log from now on. */
  logLevel(level: LogLevel): void;
  close(): Promise<void>;
}

const healthOf = { starting: "starting", ready: "up", draining: "draining", stopped: "down" } as const;

export interface TelemetryOptions {
  readonly clock: Clock;
  /** Default standard output. */
  readonly sink?: LogSink | undefined;
  /** On every line. */
  readonly fields?: LogFields;
  /** False: no admin port, whatever the settings say. */
  readonly admin?: boolean;
  /** Beside the process's own. */
  readonly morePages?: readonly AdminPage[];
  /** In place of the process's own pages of metrics and traces. */
  readonly pages?: (own: Pick<Telemetry, "meter" | "tracer">) => readonly AdminPage[];
}

/** Throws `START_FAILED` when the admin port cannot be opened. */
export async function openTelemetry(settings: ProcessSettings, options: TelemetryOptions): Promise<Telemetry> {
  const { clock, sink = standardOutput(), fields = {}, admin: wantsAdmin = true, pages, morePages = [] } = options;
  const format = settings.logFormat === "pretty" && colored() ? "pretty-color" : settings.logFormat;
  const logger = createLogger({ level: settings.logLevel, format, clock, sink, fields });
  const meter = createMeter();
  const tracer = ringTracer(settings.traces);
  const health = createHealth();
  health.set("process", "starting");
  const runtimes: Runtime[] = [];
  const stopMetrics = processMetrics(meter, { runtimes: () => runtimes });
  const { adminHost: host, adminPort: port } = settings;
  let admin: Awaited<ReturnType<typeof adminServer>> | undefined;
  try {
    const shown = pages === undefined ? { meter, tracer, pages: morePages } : { pages: pages({ meter, tracer }) };
    if (wantsAdmin && port >= 0) admin = await adminServer({ host, port, health, logger, ...shown });
  } catch (cause) {
    stopMetrics();
    throw AppErrors.START_FAILED({ part: "admin port", why: reasonOf(cause) }, { cause });
  }
  return {
    logger,
    meter,
    tracer,
    health,
    serverLayers: [tracing(tracer), metrics(meter), accessLog(logger, { successes: "slow" })],
    clientLayers: [tracing(tracer), metrics(meter)],
    onRoot: (call) => traceCall(tracer, call),
    adminUrl: admin?.url,
    observe: (runtime) => void runtimes.push(runtime),
    state: (state) => health.set("process", healthOf[state]),
    logLevel: (level) => {
      logger.level = level;
    },
    async close() {
      stopMetrics();
      await admin?.close();
    },
  };
}

let shared: LogSink | undefined;

/** One for the program: each sink listens to the stream, and to the end of the process. */
function standardOutput(): LogSink {
  return (shared ??= streamSink(process.stdout));
}

/** See no-color.org: set to anything, the variable means that nobody wants colours. */
function colored(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR;
}
