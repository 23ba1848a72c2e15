import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Runtime } from "@sampan/core";
import { processMetrics } from "./process-metrics.js";
import { createMeter } from "./registry.js";

describe("process metrics", () => {
  it("are measured on each collection", () => {
    const meter = createMeter();
    const runtime = new Runtime({
      name: "order",
      connect: () => {
        throw new Error("not connected");
      },
    });
    const stop = processMetrics(meter, { runtimes: () => [runtime] });
    runtime.abandoned = 2;
    meter.snapshot();
    const text = meter.expose();
    stop();
    for (const name of [
      "process_resident_memory_bytes",
      "nodejs_heap_size_used_bytes",
      "process_cpu_seconds_total",
      "process_start_time_seconds",
    ]) {
      const value = Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
      assert.ok(value > 0, name);
    }
    assert.match(text, /^rpc_abandoned_handlers\{service="order"\} 2$/m);
    for (const name of [
      "nodejs_eventloop_utilization",
      "nodejs_eventloop_lag_p99_seconds",
      "nodejs_eventloop_lag_max_seconds",
    ]) {
      assert.ok(Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]) >= 0, name);
    }
  });
});
