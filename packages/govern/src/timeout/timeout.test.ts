import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, CoreErrors, RpcError } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { clientWith, guardFor, type Handlers, texts } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { makeTimeout, makeTryTimeout, TimeoutErrors, type TimeoutPolicy, timeoutSection } from "./index.js";

const slow: Handlers = { unary: () => new Promise(() => {}) };

async function setUp(make: typeof makeTimeout, policy: TimeoutPolicy, handlers: Handlers, enforcement?: Enforcement) {
  const clock = createFakeClock();
  const made = guardFor(make, policy, clock, enforcement === undefined ? {} : { enforcement });
  return { ...made, ...(await clientWith([made.layer], handlers, clock)) };
}

describe("timeout of a request", () => {
  test("ends the call with an error that names the rule, and the server hears of it", async () => {
    let deadline = 0;
    let aborted = false;
    const unary: Handlers["unary"] = (_, call) => {
      deadline = call.deadline;
      call.onAbort(() => {
        aborted = true;
      });
      return new Promise(() => {});
    };
    const { clock, client, reported, guard } = await setUp(makeTimeout, { timeoutMs: 100 }, { unary });
    const started = clock.now();
    const failed = assert.rejects(
      client().unary({ text: "x" }),
      (error) => TimeoutErrors.TIMED_OUT.is(error) && /100 ms that the rule test\/rule/.test(error.message),
    );
    await clock.advance(110);
    await failed;
    assert.equal(deadline, started + 100);
    assert.equal(aborted, true);
    assert.deepEqual(reported, ["timed-out"]);
    assert.deepEqual(guard.state(), { limitMs: 100, timedOut: 1 });
  });

  test("a call that is in time passes, and leaves no timer", async () => {
    const { client, runtime, reported } = await setUp(makeTimeout, { timeoutMs: 100 }, {});
    const root = runtime.root({ name: "t" });
    await client().unary({ text: "x" });
    root.settle();
    assert.equal(runtime.deadlines.size, 1);
    assert.deepEqual(reported, []);
  });

  test("never extends what the caller allows, whose own deadline is then what the error says", async () => {
    const { clock, client } = await setUp(makeTimeout, { timeoutMs: 100 }, slow);
    const failed = assert.rejects(client().unary({ text: "x" }, { timeoutMs: 50 }), (error) =>
      CoreErrors.DEADLINE_EXCEEDED.is(error),
    );
    await clock.advance(60);
    await failed;
  });

  test("bounds a whole stream", async () => {
    const produce: Handlers["produce"] = async function* () {
      for (;;) {
        await clock.advance(30);
        yield { text: "x" };
      }
    };
    const { clock, client } = await setUp(makeTimeout, { timeoutMs: 100 }, { produce });
    await assert.rejects(texts(client().produce({ text: "" })), (error) => TimeoutErrors.TIMED_OUT.is(error));
  });

  test("a reload counts for the next call; one in work keeps its limit and names it", async () => {
    const { clock, client, guard } = await setUp(makeTimeout, { timeoutMs: 100 }, slow);
    const first = assert.rejects(client().unary({ text: "x" }), /100 ms/);
    guard.reload({ timeoutMs: 300 }, "enforce");
    const second = assert.rejects(client().unary({ text: "x" }), /300 ms/);
    await clock.advance(110);
    await first;
    await clock.advance(200);
    await second;
    guard.reload({ perTryMs: 10 }, "enforce");
    const third = assert.rejects(client(1000).unary({ text: "x" }), (error) => CoreErrors.DEADLINE_EXCEEDED.is(error));
    await clock.advance(1010);
    await third;
  });

  test("shadow reports what it would have cut and cuts nothing", async () => {
    const unary: Handlers["unary"] = async ({ text }) => {
      await clock.advance(Number(text));
      return { text };
    };
    const { clock, client, reported } = await setUp(makeTimeout, { timeoutMs: 100 }, { unary }, "shadow");
    await client().unary({ text: "100" });
    assert.deepEqual(reported, []);
    await client().unary({ text: "101" });
    assert.deepEqual(reported, ["timed-out"]);
  });
});

describe("timeout of a try", () => {
  test("ends a unary try, with an error of its own", async () => {
    const { clock, client } = await setUp(makeTryTimeout, { perTryMs: 40 }, slow);
    const failed = assert.rejects(client().unary({ text: "x" }), (error) => TimeoutErrors.TRY_TIMED_OUT.is(error));
    await clock.advance(44);
    await failed;
  });

  test("waits for the first message of a stream only", async () => {
    const waits = [30, 100];
    const produce: Handlers["produce"] = async function* ({ text }) {
      for (const wait of text === "slow" ? [100] : waits) {
        await new Promise<void>((resolve) => clock.timer(wait, resolve));
        yield { text: String(wait) };
      }
    };
    const { clock, client, reported } = await setUp(makeTryTimeout, { perTryMs: 40 }, { produce });
    const good = texts(client().produce({ text: "" }));
    await clock.advance(200);
    assert.deepEqual(await good, ["30", "100"]);
    const bad = assert.rejects(texts(client().produce({ text: "slow" })), (error) =>
      TimeoutErrors.TRY_TIMED_OUT.is(error),
    );
    await clock.advance(50);
    await bad;
    assert.deepEqual(reported, ["timed-out"]);
  });

  test("shadow: a stream whose first message came late", async () => {
    const produce: Handlers["produce"] = async function* ({ text }) {
      await clock.advance(Number(text));
      yield { text };
      await clock.advance(100);
    };
    const { clock, client, reported } = await setUp(makeTryTimeout, { perTryMs: 40 }, { produce }, "shadow");
    await texts(client().produce({ text: "40" }));
    assert.deepEqual(reported, []);
    await texts(client().produce({ text: "41" }));
    assert.deepEqual(reported, ["timed-out"]);
  });
});

test("the section refuses limits that say nothing or contradict each other", () => {
  const problems = (policy: TimeoutPolicy) =>
    timeoutSection.check?.(policy, {}).map(({ path }) => path.join(".")) ?? [];
  assert.deepEqual(problems({}), [""]);
  assert.deepEqual(problems({ timeoutMs: 10, perTryMs: 11 }), ["perTry"]);
  assert.deepEqual(problems({ timeoutMs: 10, perTryMs: 10 }), []);
  assert.deepEqual(problems({ perTryMs: 10 }), []);
});

test("the errors are deadline errors", () => {
  for (const make of [TimeoutErrors.TIMED_OUT, TimeoutErrors.TRY_TIMED_OUT]) {
    const error = make();
    assert.ok(error instanceof RpcError && error.code === Code.DeadlineExceeded);
  }
});
