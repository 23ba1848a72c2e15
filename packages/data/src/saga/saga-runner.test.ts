import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { type NoteTables, note, withSagas } from "./saga.fixture.js";
import { defineSaga, step, waitFor } from "./saga.js";
import { SagaErrors } from "./saga-errors.js";
import { rpcErrorOf } from "./saga-failure.js";

interface Order {
  readonly total: bigint;
  readonly steps: readonly string[];
}
const order: Order = { total: 4200n, steps: [] };

/** Succeeds, and remembers it in the state and in a table. */
function plain(name: string) {
  return step<Order, NoteTables>(name, {
    run: async (state) => ({ state: { ...state, steps: [...state.steps, name] }, commit: note(name) }),
    compensate: async () => ({ commit: note(`undo ${name}`) }),
  });
}

function failing(name: string, code: Code, times = Number.POSITIVE_INFINITY) {
  let left = times;
  return step<Order, NoteTables>(name, {
    run: async () => {
      if (left-- > 0) throw new RpcError(code, `${name} failed`);
      return { commit: note(name) };
    },
    compensate: async () => ({ commit: note(`undo ${name}`) }),
    retry: { attempts: 3 },
  });
}

test("the steps run in order, each with its domain change, and the end commits with the last", () => {
  const saga = defineSaga<Order, NoteTables>({
    name: "place-order",
    steps: [plain("reserve"), plain("charge")],
    onCompleted: (state, tx) => note(`done ${state.total} ${state.steps.join("+")}`)(tx),
  });
  return withSagas([saga], async ({ begin, sagas, newCall, notes, clock }) => {
    const before = clock.now();
    assert.equal(await begin(saga, "o1", order), true);
    const snapshot = await sagas.reached("o1", newCall());
    assert.equal(snapshot.status, "completed");
    assert.deepEqual(snapshot.state, { total: 4200n, steps: ["reserve", "charge"] });
    assert.deepEqual(await notes(), ["reserve", "charge", "done 4200 reserve+charge"]);
    assert.equal(clock.now(), before, "nothing waits on the hot path");
    const events = (await sagas.history("o1")).map(({ step, event }) => `${step}:${event}`);
    assert.deepEqual(events, [
      "reserve:started",
      "reserve:succeeded",
      "charge:started",
      "charge:succeeded",
      ":completed",
    ]);
  });
});

test("a step runs on a root call of its own, with the tenant, release tag and trace of its beginning", () => {
  const seen: unknown[] = [];
  const saga = defineSaga<Order, NoteTables>({
    name: "look",
    steps: [
      step("look", {
        timeoutMs: 700,
        run: async (_, call, context) => {
          seen.push([call.side, call.name, call.tenant, call.releaseTag, call.links.length, call.remaining(), context]);
        },
      }),
    ],
  });
  return withSagas([saga], async ({ begin, until }) => {
    await begin(saga, "o1", order);
    await until("o1", "completed");
    const context = { sagaId: "o1", step: "look", attempt: 1, idempotencyKey: "o1/look" };
    assert.deepEqual(seen, [["root", "saga/look/look", "tea", "canary", 1, 700, context]]);
  });
});

test("a saga begun in a transaction that rolls back does not exist, and the place that was kept for it is free", () => {
  const saga = defineSaga<Order, NoteTables>({ name: "place-order", steps: [plain("reserve")] });
  return withSagas(
    [saga],
    async ({ sql, sagas, newCall, begin, until, quiet, notes }) => {
      const call = newCall();
      const rolledBack = sql.transaction(call, async (tx) => {
        await sagas.begin(tx, saga, { id: "o1", state: order }, call);
        throw new Error("no order");
      });
      await assert.rejects(rolledBack);
      await quiet();
      assert.equal(await sagas.get("o1"), undefined);
      await assert.rejects(sagas.reached("o1", newCall()), SagaErrors.SAGA_UNKNOWN.is);
      await begin(saga, "o2", order);
      await until("o2", "completed");
      assert.deepEqual(await notes(), ["reserve"]);
    },
    { concurrency: 1 },
  );
});

test("beginning an id again changes nothing; another kind of saga may not have it", () => {
  const saga = defineSaga<Order, NoteTables>({ name: "place-order", steps: [plain("reserve")] });
  const other = defineSaga<Order, NoteTables>({ name: "refund", steps: [plain("pay-back")] });
  return withSagas([saga, other], async ({ begin, until, notes }) => {
    assert.deepEqual(await Promise.all([begin(saga, "o1", order), begin(saga, "o1", order)]), [true, false]);
    await until("o1", "completed");
    assert.equal(await begin(saga, "o1", order), false);
    await assert.rejects(begin(other, "o1", order), SagaErrors.SAGA_ID_TAKEN.is);
    assert.deepEqual(await notes(), ["reserve"]);
  });
});

test("a permanent error undoes what ran, in reverse, and tells why", () => {
  const saga = defineSaga<Order, NoteTables>({
    name: "place-order",
    steps: [plain("reserve"), plain("coupon"), failing("charge", Code.FailedPrecondition), plain("confirm")],
    onCompensated: (_, tx, failure) => note(`failed: ${(failure as RpcError).message}`)(tx),
  });
  return withSagas([saga], async ({ begin, sagas, newCall, notes }) => {
    await begin(saga, "o1", order);
    const snapshot = await sagas.reached("o1", newCall());
    assert.equal(snapshot.status, "compensated");
    assert.ok(snapshot.failure !== undefined);
    assert.equal(rpcErrorOf(snapshot.failure).code, Code.FailedPrecondition);
    const undone = ["undo charge", "undo coupon", "undo reserve", "failed: charge failed"];
    assert.deepEqual(await notes(), ["reserve", "coupon", ...undone]);
  });
});

test("a transient error is retried with backoff; when its attempts are used up the saga turns back", () => {
  const passing = defineSaga<Order, NoteTables>({ name: "passing", steps: [failing("charge", Code.Unavailable, 2)] });
  const hopeless = defineSaga<Order, NoteTables>({
    name: "hopeless",
    steps: [plain("reserve"), failing("charge", Code.Unavailable)],
  });
  return withSagas([passing, hopeless], async ({ begin, until, clock }) => {
    const start = clock.now();
    await begin(passing, "o1", order);
    await until("o1", "completed");
    // 200 and 400 ms, three quarters of each by the fixed jitter.
    assert.ok(clock.now() - start >= 450);
    await begin(hopeless, "o2", order);
    assert.equal((await until("o2", "compensated")).failure?.code, Code.Unavailable);
  });
});

test("a timeout fails the attempt, but the next one waits until the first has really ended", () => {
  const inWork: number[] = [];
  let running = 0;
  let release = (): void => {};
  const saga = defineSaga<Order, NoteTables>({
    name: "slow",
    steps: [
      step("slow", {
        timeoutMs: 100,
        retry: { attempts: 2, initialMs: 10, maxMs: 10 },
        run: async (_, __, { attempt }) => {
          inWork.push(++running);
          if (attempt === 1) await new Promise<void>((resolve) => (release = resolve));
          running--;
        },
      }),
    ],
  });
  return withSagas([saga], async ({ begin, until, clock, quiet, logged }) => {
    await begin(saga, "o1", order);
    await quiet();
    await clock.advance(50_000);
    assert.deepEqual(inWork, [1]);
    assert.ok(logged.some(({ message }) => message.includes("although its call has ended")));
    release();
    await until("o1", "completed");
    assert.deepEqual(inWork, [1, 1]);
  });
});

test("behind the pivot nothing is undone: a saga that cannot go on is stuck, and goes on when it is retried", () => {
  let broken = true;
  const saga = defineSaga<Order, NoteTables>({
    name: "place-order",
    steps: [
      plain("reserve"),
      step("charge", {
        pivot: true,
        run: async () => ({ commit: note("charge") }),
        compensate: async () => ({ commit: note("undo charge") }),
      }),
      step("confirm", {
        retry: { attempts: 2, initialMs: 10, maxMs: 10 },
        run: async () => {
          if (broken) throw new RpcError(Code.NotFound, "no such parcel");
          return { commit: note("confirm") };
        },
      }),
    ],
  });
  return withSagas([saga], async ({ begin, until, sagas, notes, logged }) => {
    await begin(saga, "o1", order);
    const stuck = await until("o1", "stuck");
    assert.deepEqual([stuck.step, stuck.error?.message], ["confirm", "no such parcel"]);
    assert.deepEqual(
      (await sagas.list({ status: "stuck" })).map(({ id }) => id),
      ["o1"],
    );
    assert.ok(logged.some(({ message }) => message.includes("stuck")));
    assert.deepEqual(await notes(), ["reserve", "charge"]);
    broken = false;
    await sagas.retry("o1");
    await until("o1", "completed");
    assert.deepEqual(await notes(), ["reserve", "charge", "confirm"]);
    await assert.rejects(sagas.retry("o1"), SagaErrors.SAGA_NOT_STUCK.is);
    await assert.rejects(sagas.retry("o9"), SagaErrors.SAGA_UNKNOWN.is);
  });
});

test("a compensation that keeps failing makes the saga stuck, also for a permanent error", () => {
  const saga = defineSaga<Order, NoteTables>({
    name: "place-order",
    steps: [
      step("reserve", {
        run: async () => {},
        compensate: () => Promise.reject(new RpcError(Code.InvalidArgument, "never")),
        compensateRetry: { attempts: 3 },
      }),
      failing("charge", Code.NotFound),
    ],
  });
  return withSagas([saga], async ({ begin, until, sagas }) => {
    await begin(saga, "o1", order);
    const stuck = await until("o1", "stuck");
    assert.deepEqual(
      [stuck.step, stuck.attempt, stuck.error?.message, stuck.failure?.message],
      ["reserve", 3, "never", "charge failed"],
    );
    await sagas.retry("o1");
    assert.equal((await until("o1", "stuck")).attempt, 3);
  });
});

test("a commit or a hook that throws fails its step, and nothing of it is written", () => {
  let throws = 2;
  const saga = defineSaga<Order, NoteTables>({
    name: "hooks",
    steps: [step("only", { run: async () => ({ commit: note("half") }), compensate: async () => {} })],
    onCompleted: async () => {
      if (throws-- > 0) throw new RpcError(Code.Unavailable, "hook");
    },
  });
  const spoilt = defineSaga<Order, NoteTables>({
    name: "spoilt",
    steps: [step("only", { run: () => Promise.reject(new RpcError(Code.NotFound, "no")) })],
    onCompensated: () => Promise.reject(new Error("always")),
  });
  return withSagas([saga, spoilt], async ({ begin, until, notes }) => {
    await begin(saga, "o1", order);
    await until("o1", "completed");
    assert.deepEqual(await notes(), ["half"]);
    await begin(spoilt, "o2", order);
    assert.equal((await until("o2", "stuck")).status, "stuck");
  });
});

test("a state that is too large or no JSON is refused at the beginning, and fails a step", () => {
  const saga = defineSaga<{ text: unknown }, NoteTables>({
    name: "large",
    steps: [
      waitFor("grow", {
        until: () => Number.POSITIVE_INFINITY,
        on: { go: () => ({ next: "continue", state: { text: "x".repeat(200) } }) },
        retry: { attempts: 1 },
      }),
    ],
  });
  return withSagas(
    [saga],
    async ({ begin, until, sagas, clock }) => {
      await assert.rejects(begin(saga, "o1", { text: "x".repeat(200) }), SagaErrors.SAGA_VALUE_TOO_LARGE.is);
      await assert.rejects(begin(saga, "o1", { text: new Map() }), SagaErrors.SAGA_VALUE_NOT_JSON.is);
      await assert.rejects(begin(saga, "o1", { text: Number.NaN }), SagaErrors.SAGA_VALUE_NOT_JSON.is);
      await begin(saga, "o1", { text: "small" });
      await clock.advance(10 * 24 * 3_600_000);
      assert.equal((await until("o1", "waiting")).step, "grow");
      await sagas.signal(undefined, { id: "o1", event: "go", signalId: "s1" });
      assert.equal((await until("o1", "stuck")).error?.reason, "SAGA_VALUE_TOO_LARGE");
    },
    { stateBytes: 100 },
  );
});

test("no more sagas than the limit are in work, and all get their turn", () => {
  let inWork = 0;
  let most = 0;
  const saga = defineSaga<Order, NoteTables>({
    name: "many",
    steps: ["a", "b"].map((name) =>
      step<Order, NoteTables>(name, {
        run: async () => {
          most = Math.max(most, ++inWork);
          await new Promise((resolve) => setImmediate(resolve));
          inWork--;
        },
      }),
    ),
  });
  return withSagas(
    [saga],
    async ({ begin, sagas, newCall }) => {
      const ids = Array.from({ length: 20 }, (_, i) => `o${i}`);
      await Promise.all(ids.map((id) => begin(saga, id, order)));
      const ends = await Promise.all(ids.map((id) => sagas.reached(id, newCall())));
      assert.deepEqual([...new Set(ends.map(({ status }) => status))], ["completed"]);
      assert.equal(most, 3);
    },
    { concurrency: 3 },
  );
});

test("a saga that waits for a place gets it before those that begin later", () => {
  const log: string[] = [];
  const saga = defineSaga<string, NoteTables>({
    name: "queue",
    steps: ["first", "second"].map((name) =>
      step<string, NoteTables>(name, {
        run: async (id) => {
          log.push(`${id} ${name}`);
        },
      }),
    ),
  });
  return withSagas(
    [saga],
    async ({ sql, sagas, newCall, until }) => {
      // All begin in one go: the first gets the one place, and each transaction behind it could take it when it is free.
      const begun = ["s1", "s2", "s3", "s4", "s5", "s6"].map((id) => {
        const call = newCall();
        return sql.transaction(call, (tx) => sagas.begin(tx, saga, { id, state: id }, call));
      });
      await Promise.all(begun);
      let late = 0;
      while ((await sagas.get("s6"))?.status !== "completed") {
        const call = newCall();
        const id = `late${late++}`;
        await sql.transaction(call, (tx) => sagas.begin(tx, saga, { id, state: id }, call));
        assert.ok(late < 500, "s6 never gets its turn");
      }
      const firsts = log.filter((line) => line.endsWith("first")).map((line) => line.split(" ")[0]);
      assert.deepEqual(firsts.slice(0, 6), ["s1", "s2", "s3", "s4", "s5", "s6"]);
      for (let i = 0; i < late; i++) await until(`late${i}`, "completed");
    },
    { concurrency: 1 },
  );
});
