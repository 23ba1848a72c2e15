import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError, superviseUnary } from "@sampan/core";
import { createLogger } from "../logs/logger.js";
import { MemorySink } from "../logs/memory-sink.fixture.js";
import { createMeter } from "../metrics/registry.js";
import type { HistogramSeries } from "../metrics/snapshot.js";
import { ringTracer } from "../traces/ring-tracer.js";
import { accessLog } from "./access-log.js";
import { type EchoHandlers, echoWith } from "./echo.fixture.js";
import { metrics } from "./metrics.js";
import { traceCall, tracing } from "./tracing.js";

type Echo = Awaited<ReturnType<typeof echoWith>>;

async function* texts(...all: string[]) {
  for (const text of all) yield { text };
}

/** One call of each kind. */
async function callAll(echo: Echo): Promise<void> {
  await echo.run(async (client) => {
    await client.unary({ text: "a" });
    await client.collect(texts("a", "b"));
    for await (const _ of client.produce({ text: "abc" }));
    for await (const _ of client.chat(texts("a", "b")));
  });
}

const failing: EchoHandlers = {
  unary: () => Promise.reject(new RpcError(Code.NotFound, "no such echo", { cause: new Error("hush") })),
};
const slow: EchoHandlers = {
  async unary(text, clock) {
    await clock.advance(250);
    return text;
  },
};

describe("the tracing layer", () => {
  it("records a span on each side for all four kinds, joined to one trace", async () => {
    const tracer = ringTracer();
    const echo = await echoWith([tracing(tracer)]);
    await callAll(echo);
    const spans = tracer.recent().reverse();
    assert.deepEqual(
      spans.map((span) => `${span.service} ${span.kind} ${span.name.split("/")[1]} ${span.code}`).sort(),
      ["Chat", "Collect", "Produce", "Unary"]
        .flatMap((name) => [`caller client ${name} 0`, `echo server ${name} 0`])
        .sort(),
    );
    assert.equal(new Set(spans.map((span) => span.traceId)).size, 1);
    for (const served of spans.filter((span) => span.kind === "server")) {
      const made = spans.find((span) => span.spanId === served.parentSpanId);
      assert.deepEqual([made?.kind, made?.name], ["client", served.name]);
    }
  });

  it("measures by the clock, and marks the first message of a stream", async () => {
    const tracer = ringTracer();
    const echo = await echoWith([tracing(tracer)], slow);
    const start = echo.clock.now();
    await echo.run((client) => client.unary({ text: "a" }));
    await echo.run(async (client) => {
      for await (const _ of client.produce({ text: "abc" }));
    });
    const [streamed, , called] = tracer.recent().filter((span) => span.kind === "client" || span.kind === "server");
    assert.deepEqual([called?.startedAt, called?.durationMs], [start, 250]);
    assert.equal(streamed?.durationMs, 3);
    assert.deepEqual(streamed?.events, [{ name: "first message", at: start + 251, attributes: {} }]);
  });

  it("keeps the error, and nothing of its cause", async () => {
    const tracer = ringTracer();
    const echo = await echoWith([tracing(tracer)], failing);
    await assert.rejects(echo.run((client) => client.unary({ text: "a" })));
    for (const span of tracer.recent()) {
      assert.equal(span.code, Code.NotFound);
      assert.deepEqual(
        span.events.map((event) => event.attributes),
        [{ message: "no such echo", reason: "" }],
      );
    }
    assert.equal(tracer.size, 2);
  });

  it("records what was cut short by a deadline, once", async () => {
    const tracer = ringTracer();
    const echo = await echoWith([tracing(tracer)], { unary: () => new Promise(() => {}) });
    const call = echo.run((client) => client.unary({ text: "a" }, { timeoutMs: 100 }));
    const failed = assert.rejects(call, { code: Code.DeadlineExceeded });
    await echo.clock.advance(200);
    await failed;
    assert.deepEqual(
      tracer.recent().map((span) => span.code),
      [Code.DeadlineExceeded, Code.DeadlineExceeded],
    );
  });

  it("leaves out traces that are not sampled", async () => {
    const tracer = ringTracer();
    const echo = await echoWith([tracing(tracer)]);
    const { method, handler } = echo.dispatcher.require("/sampan.test.v1.EchoService/Unary");
    for (const flag of ["00", "01"]) {
      const call = echo.dispatcher.accept(method, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-${flag}` });
      await superviseUnary(handler, { text: "a" }, call);
    }
    assert.deepEqual(
      tracer.recent().map((span) => [span.traceId, span.parentSpanId]),
      [["a".repeat(32), "b".repeat(16)]],
    );
  });

  it("records root calls on request", async () => {
    const tracer = ringTracer();
    const echo = await echoWith([]);
    const link = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    const origin = { tenant: "t1", releaseTag: "", traceparent: link };
    await echo.caller.run({ name: "saga/charge", origin }, async (call) => traceCall(tracer, call));
    const [span] = tracer.recent();
    assert.deepEqual(
      [span?.name, span?.kind, span?.links, span?.parentSpanId],
      ["saga/charge", "internal", [link], ""],
    );
  });
});

describe("the metrics layer", () => {
  const durations = (meter: ReturnType<typeof createMeter>, side: string) =>
    (meter.snapshot().find((family) => family.name === `rpc_${side}_duration_seconds`)?.series ??
      []) as HistogramSeries[];

  it("counts calls of all four kinds on both sides", async () => {
    const meter = createMeter();
    const echo = await echoWith([metrics(meter)]);
    await callAll(echo);
    await callAll(echo);
    for (const side of ["server", "client"]) {
      assert.deepEqual(
        durations(meter, side)
          .map(({ labels, count }) => `${labels.service} ${labels.method} ${labels.code} ${count}`)
          .sort(),
        ["Chat", "Collect", "Produce", "Unary"].map((name) => `sampan.test.v1.EchoService ${name} OK 2`),
      );
    }
  });

  it("counts errors by code, and time in seconds", async () => {
    const meter = createMeter();
    const failed = await echoWith([metrics(meter)], failing);
    await assert.rejects(failed.run((client) => client.unary({ text: "a" })));
    const timed = await echoWith([metrics(meter)], slow);
    await timed.run((client) => client.unary({ text: "a" }));
    assert.deepEqual(
      durations(meter, "server").map(({ labels, count, sum }) => [labels.code, count, sum]),
      [
        ["OK", 1, 0.25],
        ["NotFound", 1, 0],
      ],
    );
  });

  it("knows what is in flight, and that nothing is after a cancelled stream", async () => {
    const meter = createMeter();
    const inFlight = () =>
      meter
        .snapshot()
        .filter((family) => family.name.endsWith("_in_flight"))
        .flatMap((family) => family.series.map((each) => (each as { value: number }).value));
    let during: number[] = [];
    const echo = await echoWith([metrics(meter)], {
      unary: (text) => {
        during = inFlight();
        return Promise.resolve(text);
      },
    });
    await echo.run((client) => client.unary({ text: "a" }));
    assert.deepEqual(during, [1, 1]);
    await echo.run(async (client) => {
      for await (const _ of client.produce({ text: "abcdef" })) break;
    });
    assert.deepEqual(inFlight(), [0, 0, 0, 0]);
    assert.deepEqual(
      durations(meter, "client")
        .filter((each) => each.count > 0)
        .map((each) => each.labels.code),
      ["OK", "Canceled"],
    );
  });
});

describe("the access log", () => {
  const lines = (sink: MemorySink): Record<string, unknown>[] =>
    sink.lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it("writes a line for each call that is served, of any kind", async () => {
    const sink = new MemorySink();
    await callAll(await echoWith([accessLog(createLogger({ sink }))]));
    assert.deepEqual(
      lines(sink).map(({ msg, call, code, peer }) => `${msg} ${String(call).split("/")[2]} ${code} ${peer}`),
      ["served Unary OK caller", "served Collect OK caller", "served Produce OK caller", "served Chat OK caller"],
    );
    for (const line of lines(sink)) assert.match(line.trace_id as string, /^[0-9a-f]{32}$/);
  });

  it("also for calls that are made, when asked to", async () => {
    const sink = new MemorySink();
    const echo = await echoWith([accessLog(createLogger({ sink }), { client: true })]);
    await echo.run((client) => client.unary({ text: "a" }), {
      name: "t",
      origin: { tenant: "t1", releaseTag: "canary", traceparent: "" },
    });
    assert.deepEqual(
      lines(sink).map(({ msg, tenant, release_tag }) => [msg, tenant, release_tag]),
      [
        ["served", "t1", "canary"],
        ["called", "t1", "canary"],
      ],
    );
  });

  it("warns of slow calls, and may leave the others out", async () => {
    const sink = new MemorySink();
    const layer = accessLog(createLogger({ sink }), { slowMs: 200, successes: "slow" });
    await (await echoWith([layer])).run((client) => client.unary({ text: "a" }));
    await (await echoWith([layer], slow)).run((client) => client.unary({ text: "a" }));
    assert.deepEqual(
      lines(sink).map(({ level, duration_ms }) => [level, duration_ms]),
      [["warn", 250]],
    );
  });

  it("takes refusals as information and faults as errors, with their cause", async () => {
    const sink = new MemorySink();
    const layer = accessLog(createLogger({ sink }), { successes: "none" });
    const broken: EchoHandlers = { unary: () => Promise.reject(new TypeError("a bug")) };
    for (const handlers of [failing, broken, {}]) {
      const echo = await echoWith([layer], handlers);
      await echo.run((client) => client.unary({ text: "a" })).catch(() => {});
    }
    const [refused, fault, ...rest] = lines(sink);
    assert.deepEqual(
      [refused?.level, refused?.code, refused?.error, refused?.cause],
      ["info", "NotFound", "no such echo", undefined],
    );
    assert.deepEqual(
      [fault?.level, fault?.code, (fault?.cause as Error | undefined)?.message],
      ["error", "Internal", "a bug"],
    );
    assert.deepEqual(rest, []);
  });
});
