import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Call, Code, Dispatcher, implement, type Layer, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { createFakeClock, type FakeClock, settled } from "./fake-clock.js";
import { type FaultRule, faults } from "./faults.js";
import { EchoService } from "./gen/sampan/test/v1/echo_pb.js";
import { seededRandom } from "./seeded-random.js";
import { echoing } from "./transport-contract/echo.js";
import { collect } from "./transport-contract/stage.js";

interface Faulty {
  readonly clock: FakeClock;
  readonly root: Call;
  readonly runtime: Runtime;
  readonly reached: () => number;
}

async function faulty(rules: readonly FaultRule[], seed?: number): Promise<Faulty> {
  const clock = createFakeClock();
  const transport = memoryTransport();
  const connect = () => transport.connect("memory");
  let reached = 0;
  const counting: Layer = (next) => (request, call) => {
    reached++;
    return next(request, call);
  };
  const server = new Runtime({ name: "server", connect, clock });
  await transport.listen(new Dispatcher(server, [implement(EchoService, echoing)], [counting]));
  const layer = faults(rules, seed === undefined ? { clock } : { clock, seed });
  const runtime = new Runtime({ name: "client", connect, clock, clientLayers: [layer] });
  return { clock, runtime, root: runtime.root({ name: "test" }), reached: () => reached };
}

describe("faults", () => {
  test("fail: the handler is not reached; other methods are", async () => {
    const { root, reached } = await faulty([{ method: "Unary", fault: { kind: "fail", code: Code.Unavailable } }]);
    const echo = root.to(EchoService);
    await assert.rejects(echo.unary({}), { code: Code.Unavailable });
    assert.equal(reached(), 0);
    assert.equal((await collect(echo.produce({ number: 2n }))).length, 2);
  });

  test("fail a number of times, then pass", async () => {
    const { root } = await faulty([{ times: 2, fault: { kind: "fail", code: Code.Aborted, message: "first" } }]);
    const echo = root.to(EchoService);
    await assert.rejects(echo.unary({}), { message: "first" });
    await assert.rejects(collect(echo.produce({ number: 1n })), { code: Code.Aborted });
    assert.equal((await echo.unary({ text: "x" })).text, "x");
  });

  test("delay: on the clock, for unary calls and streams", async () => {
    const { root, clock, reached } = await faulty([{ fault: { kind: "delay", ms: 100 } }]);
    const echo = root.to(EchoService);
    const unary = echo.unary({ text: "x" });
    const stream = collect(echo.produce({ number: 3n }));
    await clock.advance(99);
    assert.equal(reached(), 0);
    await clock.advance(1);
    assert.equal((await unary).text, "x");
    assert.equal((await stream).length, 3);
  });

  test("drop: never answers, until the deadline, and leaves nothing abandoned", async () => {
    const { root, clock, reached, runtime } = await faulty([{ fault: { kind: "drop" } }]);
    const echo = root.to(EchoService);
    const results = Promise.allSettled([
      echo.unary({}, { timeoutMs: 50 }),
      collect(echo.produce({}, { timeoutMs: 50 })),
    ]);
    await clock.advance(60);
    for (const result of await results) {
      assert.equal(result.status === "rejected" && result.reason.code, Code.DeadlineExceeded);
    }
    await settled();
    assert.equal(reached(), 0);
    assert.equal(runtime.abandoned, 0);
  });

  test("duplicate: the handler runs twice, the caller gets one answer", async () => {
    const { root, reached } = await faulty([{ fault: { kind: "duplicate" } }]);
    const echo = root.to(EchoService);
    assert.equal((await echo.unary({ text: "x" })).text, "x");
    assert.equal(reached(), 2);
    assert.equal((await collect(echo.produce({ number: 3n }))).length, 3);
    assert.equal(reached(), 4);
  });

  test("the same seed gives the same faults, about as many as the probability says", async () => {
    const rules: FaultRule[] = [{ probability: 0.3, fault: { kind: "fail", code: Code.Unavailable } }];
    const outcome = async (seed: number): Promise<string> => {
      const echo = (await faulty(rules, seed)).root.to(EchoService);
      const results = await Promise.allSettled(Array.from({ length: 200 }, () => echo.unary({})));
      return results.map(({ status }) => (status === "fulfilled" ? "." : "x")).join("");
    };
    const one = await outcome(1);
    assert.equal(await outcome(1), one);
    assert.notEqual(await outcome(2), one);
    const failed = one.replaceAll(".", "").length;
    assert.ok(failed > 40 && failed < 80, `${failed} of 200`);
  });
});

test("seededRandom spreads evenly over 0 to 1", () => {
  const random = seededRandom(42);
  const buckets = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) buckets[Math.floor(random() * 10)]!++;
  assert.ok(
    buckets.every((count) => count > 850 && count < 1150),
    buckets.join(),
  );
});
