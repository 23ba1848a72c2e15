import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Runtime } from "@sampan/core";
import type { MetricsRegistry } from "./registry.js";

export interface ProcessMetricsOptions {
  /** Whose abandoned handlers are counted. */
  readonly runtimes?: () => Iterable<Runtime>;
}

const nanoseconds = 1e-9;
/** How often the event loop is asked whether it is late, in ms; finer costs more and shows nothing that matters. */
const resolution = 20;

/**
 * What the process itself is like, measured when it is asked for: memory, CPU, event loop, abandoned handlers. Event-loop
 * figures are of the time since they were asked for last. Names as prom-client gives them, which dashboards know. The
 * returned function ends it.
 */
export function processMetrics(meter: MetricsRegistry, options: ProcessMetricsOptions = {}): () => void {
  const gauge = (name: string, help: string) => meter.gauge({ name, help });
  const resident = gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.");
  const heapUsed = gauge("nodejs_heap_size_used_bytes", "Part of the JavaScript heap that is in use.");
  const heapTotal = gauge("nodejs_heap_size_total_bytes", "Size of the JavaScript heap.");
  const external = gauge("nodejs_external_memory_bytes", "Memory of buffers and native objects.");
  const cpu = meter.counter({ name: "process_cpu_seconds_total", help: "CPU time of the process, user and system." });
  const utilization = gauge(
    "nodejs_eventloop_utilization",
    "Part of the time in which the event loop was busy, 0 to 1.",
  );
  const delays = {
    mean: gauge("nodejs_eventloop_lag_mean_seconds", "Mean delay of the event loop."),
    p50: gauge("nodejs_eventloop_lag_p50_seconds", "Median delay of the event loop."),
    p99: gauge("nodejs_eventloop_lag_p99_seconds", "Delay of the event loop at the 99th percentile."),
    max: gauge("nodejs_eventloop_lag_max_seconds", "Longest delay of the event loop."),
  };
  gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.").set(
    performance.timeOrigin / 1000,
  );

  const monitor = monitorEventLoopDelay({ resolution });
  monitor.enable();
  let cpuBefore = 0;
  let busyBefore: EventLoopUtilization | undefined;

  const stop = meter.onCollect(() => {
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heapUsed.set(memory.heapUsed);
    heapTotal.set(memory.heapTotal);
    external.set(memory.external);
    const { user, system } = process.cpuUsage();
    cpu.add((user + system - cpuBefore) / 1e6);
    cpuBefore = user + system;
    const busy = performance.eventLoopUtilization();
    utilization.set((busyBefore === undefined ? busy : performance.eventLoopUtilization(busy, busyBefore)).utilization);
    busyBefore = busy;
    // The monitor measures how far apart its timer fires, which on time is the resolution.
    const late = (measured: number): number =>
      monitor.count === 0 ? 0 : Math.max(0, measured * nanoseconds - resolution / 1000);
    delays.mean.set(late(monitor.mean));
    delays.p50.set(late(monitor.percentile(50)));
    delays.p99.set(late(monitor.percentile(99)));
    delays.max.set(late(monitor.max));
    monitor.reset();
    for (const runtime of options.runtimes?.() ?? []) {
      const help = "Handlers that still run although their call was aborted.";
      meter.gauge({ name: "rpc_abandoned_handlers", help }, { service: runtime.name }).set(runtime.abandoned);
    }
  });
  return () => {
    stop();
    monitor.disable();
  };
}
