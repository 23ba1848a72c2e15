import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Call, Code, CoreErrors, Metadata, RpcError } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { clientWith, guardFor, type Handlers, texts } from "../client.fixture.js";
import { TryBudget } from "../retry/try-budget.js";
import { type HedgePolicy, hedgeSection, makeHedge } from "./index.js";

const policy: HedgePolicy = {
  afterMs: 100,
  attempts: 2,
  on: ["unavailable"],
  budget: { ratio: 1, minPerSecond: 0, burst: 10 },
  evenIfNotIdempotent: false,
  replayMessages: 4,
};

type Options = Parameters<typeof guardFor>[3];

/** What each try does, in order: answers after so many ms, fails with a code after so many, or never ends. */
type Plan = { after: number; code?: Code } | "hangs";

/** A server whose n-th try follows the n-th plan; says which calls it has seen. */
function planned(plans: readonly Plan[], metadata?: Metadata) {
  const seen: Call[] = [];
  const unary: Handlers["unary"] = (_, call) => {
    const plan = plans[seen.length] ?? "hangs";
    seen.push(call);
    const name = String(seen.length);
    call.responseTrailers.set("t", name);
    if (plan === "hangs") return new Promise(() => {});
    return new Promise((resolve, reject) => {
      call.runtime.clock.timer(plan.after, () => {
        if (plan.code === undefined) resolve({ text: name });
        else reject(new RpcError(plan.code, `try ${name}`, metadata === undefined ? {} : { metadata }));
      });
    });
  };
  return { seen, unary };
}

async function setUp(handlers: Handlers, change: Partial<HedgePolicy> = {}, options: Options = {}) {
  const clock = createFakeClock();
  const made = guardFor(makeHedge, { ...policy, ...change }, clock, options);
  return { ...made, ...(await clientWith([made.layer], handlers, clock)) };
}

/** Times are up to one slot of the shared timers (4 ms) late. */
const slot = 4;

describe("hedge of a unary call", () => {
  test("sends another try when the first is slow, takes the first good answer and cancels the other", async () => {
    const { seen, unary } = planned(["hangs", { after: 10 }]);
    const { clock, client, reported, runtime } = await setUp({ unary });
    const trailers: unknown[] = [];
    const answer = client().unary({ text: "x" }, { onTrailers: (all) => trailers.push(...all) });
    await clock.advance(99);
    assert.equal(seen.length, 1);
    await clock.advance(1 + slot + 10);
    assert.equal((await answer).text, "2");
    assert.deepEqual(trailers, [["t", "2"]]);
    assert.equal(seen[0]?.error?.code, Code.Canceled);
    assert.deepEqual(
      seen.map(({ metadata }) => metadata.get("grpc-previous-rpc-attempts")),
      [undefined, "1"],
    );
    assert.deepEqual(reported, ["hedged"]);
    assert.equal(runtime.abandoned, 0);
    assert.equal(runtime.deadlines.size, 1);
  });

  test("a call that is quick is not hedged and leaves no timer", async () => {
    const { seen, unary } = planned([{ after: 99 }]);
    const { clock, client, runtime } = await setUp({ unary });
    const answer = client().unary({ text: "x" });
    await clock.advance(99);
    await answer;
    await clock.advance(1000);
    assert.equal(seen.length, 1);
    assert.equal(runtime.deadlines.size, 1);
  });

  test("never more tries than allowed", async () => {
    const { seen, unary } = planned([]);
    const { clock, client } = await setUp({ unary }, { attempts: 3 });
    const failed = assert.rejects(client(5000).unary({ text: "x" }), (error) => CoreErrors.DEADLINE_EXCEEDED.is(error));
    await clock.advance(5010);
    await failed;
    assert.equal(seen.length, 3);
    assert.ok(seen.every(({ settled }) => settled));
  });

  test("a failure that is listed sends the next at once; one that is not ends the call", async () => {
    const listed = planned([{ after: 5, code: Code.Unavailable }, { after: 5 }]);
    const one = await setUp(listed);
    const answer = one.client().unary({ text: "x" });
    await one.clock.advance(10);
    assert.equal((await answer).text, "2");
    const fatal = planned(["hangs", { after: 1, code: Code.NotFound }]);
    const two = await setUp(fatal);
    const failed = assert.rejects(two.client().unary({ text: "x" }), /try 2/);
    await two.clock.advance(110);
    await failed;
    assert.equal(fatal.seen[0]?.settled, true);
  });

  test("fails with the last failure when all have failed", async () => {
    const { unary } = planned([
      { after: 5, code: Code.Unavailable },
      { after: 5, code: Code.Unavailable },
    ]);
    const { clock, client } = await setUp({ unary });
    const failed = assert.rejects(client().unary({ text: "x" }), /try 2/);
    await clock.advance(10);
    await failed;
  });

  test("server push-back: puts the next try off, or ends them", async () => {
    const later = planned(
      [{ after: 5, code: Code.Unavailable }, { after: 5 }],
      Metadata.of({ "grpc-retry-pushback-ms": "300" }),
    );
    const one = await setUp(later);
    const answer = one.client().unary({ text: "x" });
    await one.clock.advance(300);
    assert.equal(later.seen.length, 1);
    await one.clock.advance(5 + slot + 5);
    assert.equal((await answer).text, "2");
    const never = planned([{ after: 5, code: Code.Unavailable }], Metadata.of({ "grpc-retry-pushback-ms": "-1" }));
    const two = await setUp(never);
    const failed = assert.rejects(two.client().unary({ text: "x" }), /try 1/);
    await two.clock.advance(500);
    await failed;
    assert.equal(never.seen.length, 1);
  });

  test("when what was put off may no longer be sent, the call fails as its last try did", async () => {
    const { seen, unary } = planned(
      [{ after: 5, code: Code.Unavailable }],
      Metadata.of({ "grpc-retry-pushback-ms": "300" }),
    );
    const { clock, client, guard, reported } = await setUp(
      { unary },
      { budget: { ratio: 0, minPerSecond: 0, burst: 1 } },
    );
    const failed = assert.rejects(client().unary({ text: "x" }), /try 1/);
    await clock.advance(10);
    guard.reload({ ...policy, budget: { ratio: 0, minPerSecond: 0, burst: 0 } }, "enforce");
    await clock.advance(400);
    await failed;
    assert.deepEqual([seen.length, reported], [1, ["not-hedged-budget"]]);
  });

  test("what may not be repeated passes as it comes", async () => {
    const { seen, unary } = planned([{ after: 500 }]);
    const { clock, client } = await setUp({ unary }, {}, { idempotent: false });
    const answer = client().unary({ text: "x" });
    await clock.advance(500);
    await answer;
    assert.equal(seen.length, 1);
  });

  test("not without budget, also one that it shares; only an own budget is paid into", async () => {
    const shared = new TryBudget({ ratio: 1, minPerSecond: 0, burst: 1 });
    const clock = createFakeClock();
    const { seen, unary } = planned([{ after: 200 }, { after: 500 }, { after: 200 }]);
    const { layer, reported } = guardFor((...all) => makeHedge(...all, shared), policy, clock);
    const { client } = await clientWith([layer], { unary }, clock);
    for (let i = 0; i < 2; i++) {
      const answer = client().unary({ text: "x" });
      await clock.advance(500);
      await answer;
    }
    assert.deepEqual([seen.length, reported], [3, ["hedged", "not-hedged-budget"]]);
    assert.equal(shared.tokens, 0);
  });

  test("not when the deadline cannot hold what a try usually takes", async () => {
    const { seen, unary } = planned([{ after: 90 }, "hangs"]);
    const { clock, client, reported } = await setUp({ unary });
    const usual = client().unary({ text: "x" });
    await clock.advance(90);
    await usual;
    const failed = assert.rejects(client(180).unary({ text: "x" }));
    await clock.advance(190);
    await failed;
    assert.deepEqual([seen.length, reported], [2, ["not-hedged-deadline"]]);
  });

  test("with a percentile it waits as long as the slowest usually take", async () => {
    const { seen, unary } = planned([...Array.from({ length: 32 }, () => ({ after: 20 })), "hangs", { after: 1 }]);
    const { clock, client, guard } = await setUp({ unary }, { percentile: 95 });
    assert.equal(guard.state().afterMs, 100);
    for (let i = 0; i < 32; i++) {
      const answer = client().unary({ text: "x" });
      await clock.advance(20);
      await answer;
    }
    assert.equal(guard.state().afterMs, 20);
    const answer = client().unary({ text: "x" });
    await clock.advance(20 + slot + 1);
    assert.equal((await answer).text, "34");
    assert.equal(seen.length, 34);
  });

  test("shadow: reports the hedge that it would have sent, sends none", async () => {
    const { seen, unary } = planned([{ after: 99 }, { after: 200 }]);
    const { clock, client, reported } = await setUp({ unary }, {}, { enforcement: "shadow" });
    for (let i = 0; i < 2; i++) {
      const answer = client().unary({ text: "x" });
      await clock.advance(200);
      await answer;
    }
    assert.deepEqual([seen.length, reported], [2, ["hedged"]]);
  });
});

describe("hedge of streams", () => {
  test("the first message decides; the stream goes on with its try and the other is cancelled", async () => {
    const seen: Call[] = [];
    const produce: Handlers["produce"] = async function* (_, call) {
      seen.push(call);
      const name = seen.length;
      if (name === 1) await new Promise<void>((resolve) => clock.timer(1000, resolve));
      yield { text: `${name}a` };
      await new Promise<void>((resolve) => clock.timer(300, resolve));
      yield { text: `${name}b` };
    };
    const { clock, client, reported } = await setUp({ produce });
    const all = texts(client().produce({ text: "" }));
    await clock.advance(200);
    // While the stream of the other goes on.
    assert.deepEqual(
      seen.map(({ settled }) => settled),
      [true, false],
    );
    await clock.advance(2000);
    assert.deepEqual(await all, ["2a", "2b"]);
    assert.equal(seen[0]?.error?.code, Code.Canceled);
    assert.deepEqual(reported, ["hedged"]);
  });

  test("requests of a bidirectional stream reach both tries", async () => {
    const got: string[] = [];
    const chat: Handlers["chat"] = async function* (requests, call) {
      const name = call.metadata.get("grpc-previous-rpc-attempts") ?? "0";
      for await (const { text } of requests) {
        got.push(name + text);
        if (name === "0") await new Promise<void>((resolve) => clock.timer(10_000, resolve));
        else yield { text };
      }
    };
    async function* requests() {
      for (const text of ["a", "b", "c"]) yield { text };
    }
    const { clock, client } = await setUp({ chat });
    const all = texts(client().chat(requests()));
    await clock.advance(200);
    assert.deepEqual(await all, ["a", "b", "c"]);
    assert.deepEqual(got, ["0a", "1a", "1b", "1c"]);
  });

  test("a reader that stops before the first message cancels every try", async () => {
    const seen: Call[] = [];
    const produce: Handlers["produce"] = async function* (_, call) {
      seen.push(call);
      await new Promise<void>(() => {});
      yield { text: "" };
    };
    const { clock, client } = await setUp({ produce });
    const stream = client().produce({ text: "" });
    const pulled = stream.next().catch(() => {});
    await clock.advance(110);
    await stream.return?.();
    await pulled;
    assert.deepEqual(
      seen.map(({ settled }) => settled),
      [true, true],
    );
  });
});

test("property: tries and hedges keep to their limits, and none outlives its call", async () => {
  const plan = fc.oneof(
    fc.constant<Plan>("hangs"),
    fc.record({ after: fc.integer({ min: 0, max: 400 }) }),
    fc.record({ after: fc.integer({ min: 0, max: 400 }), code: fc.constantFrom(Code.Unavailable, Code.NotFound) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(plan, { maxLength: 6 }),
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 0, max: 3 }),
      async (plans, attempts, burst) => {
        const { seen, unary } = planned(plans);
        const { clock, client, reported, runtime } = await setUp(
          { unary },
          { attempts, budget: { ratio: 0, minPerSecond: 0, burst } },
        );
        const ended = client(1000)
          .unary({ text: "x" })
          .then(
            () => undefined,
            (error: unknown) => error,
          );
        await clock.advance(1010);
        const error = await ended;
        assert.ok(error === undefined || error instanceof RpcError);
        assert.ok(seen.length <= Math.min(attempts, 1 + burst));
        assert.equal(reported.filter((each) => each === "hedged").length, seen.length - 1);
        assert.ok(seen.every(({ settled }) => settled));
        assert.equal(runtime.abandoned, 0);
      },
    ),
    { numRuns: 200 },
  );
});

test("the section refuses a hedge that comes after the timeout", () => {
  const problems = (timeout?: object) =>
    (hedgeSection.check?.(policy, { timeout }) ?? []).map(({ path }) => path.join("."));
  assert.deepEqual([problems(), problems({ timeoutMs: 101 }), problems({ timeoutMs: 100 })], [[], [], ["after"]]);
});
