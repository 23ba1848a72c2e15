import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, CoreErrors, RpcError } from "@sampan/core";
import { type NoteTables, note, withSagas } from "./saga.fixture.js";
import { defineSaga, step, waitFor } from "./saga.js";
import { rpcErrorOf } from "./saga-failure.js";

interface Order {
  readonly expiresAt: number;
  readonly paid: bigint;
}

const day = 24 * 3_600_000;

/** Reserves, waits for the payment, confirms. */
const placeOrder = defineSaga<Order, NoteTables>({
  name: "place-order",
  steps: [
    step("reserve", {
      run: async () => ({ commit: note("reserve") }),
      compensate: async () => ({ commit: note("release") }),
    }),
    waitFor("payment", {
      until: (state) => state.expiresAt,
      pivot: true,
      on: {
        paid(state, { payload }) {
          const paid = state.paid + (payload as { amount: bigint }).amount;
          if (paid < 100n) return { next: "wait", state: { ...state, paid } };
          return { next: "continue", state: { ...state, paid }, commit: note(`paid ${paid}`) };
        },
        cancel: () => ({ next: "fail", error: new RpcError(Code.Aborted, "the user changed their mind") }),
      },
      onTimeout: () => ({ next: "fail", commit: note("expired") }),
    }),
    step("confirm", { run: async () => ({ commit: note("confirm") }) }),
  ],
  onLate: (_, { event, signalId }, tx) => note(`late ${event} ${signalId}`)(tx),
});

const paid = (id: string, signalId: string, amount: bigint) => ({ id, event: "paid", signalId, payload: { amount } });

test("a saga waits for days without a timer but one, and goes on at once when it is told", () =>
  withSagas([placeOrder], async ({ begin, sagas, newCall, clock, notes }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + 9 * day, paid: 0n });
    assert.equal((await sagas.reached("o1", newCall())).status, "waiting");
    await clock.advance(8 * day);
    const pending = clock.pending;
    const before = clock.now();
    assert.equal(await sagas.signal(undefined, paid("o1", "s1", 60n)), "delivered");
    assert.equal((await sagas.reached("o1", newCall())).status, "waiting");
    assert.equal(await sagas.signal(undefined, paid("o1", "s2", 60n)), "delivered");
    assert.equal((await sagas.reached("o1", newCall(), ({ step }) => step === "confirm")).step, "confirm");
    assert.equal((await sagas.reached("o1", newCall())).status, "completed");
    assert.equal(clock.now(), before);
    assert.ok(pending <= 3, `${pending} timers wait`);
    assert.deepEqual(await notes(), ["reserve", "paid 120", "confirm"]);
  }));

test("a signal is taken once, whoever sends it again", () =>
  withSagas([placeOrder], async ({ begin, sagas, clock, until }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + day, paid: 0n });
    assert.equal(await sagas.signal(undefined, paid("o1", "s1", 60n)), "delivered");
    assert.equal(await sagas.signal(undefined, paid("o1", "s1", 60n)), "duplicate");
    assert.equal(((await until("o1", "waiting")).state as Order).paid, 60n);
    assert.equal(await sagas.signal(undefined, paid("o9", "s1", 60n)), "unknown");
  }));

test("a signal that comes before its step, even in the transaction of the beginning, is kept for it", () =>
  withSagas([placeOrder], async ({ sagas, sql, newCall, clock, until, notes }) => {
    const call = newCall();
    await sql.transaction(call, async (tx) => {
      const state = { expiresAt: clock.now() + day, paid: 0n };
      await sagas.begin(tx, placeOrder, { id: "o1", state }, call);
      assert.equal(await sagas.signal(tx, paid("o1", "s1", 100n)), "delivered");
    });
    await until("o1", "completed");
    assert.deepEqual(await notes(), ["reserve", "paid 100", "confirm"]);
  }));

test("a signal in a transaction that rolls back was never sent", () =>
  withSagas([placeOrder], async ({ begin, sagas, sql, newCall, clock, until, quiet }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + day, paid: 0n });
    await until("o1", "waiting");
    const rolledBack = sql.transaction(newCall(), async (tx) => {
      await sagas.signal(tx, paid("o1", "s1", 100n));
      throw new Error("no payment");
    });
    await assert.rejects(rolledBack);
    await quiet();
    assert.equal((await sagas.get("o1"))?.status, "waiting");
    assert.equal(await sagas.signal(undefined, paid("o1", "s1", 100n)), "delivered");
  }));

test("a cancelled saga turns back with the reason; a payment that comes then is late, and told once", () =>
  withSagas([placeOrder], async ({ begin, sagas, newCall, clock, until, notes }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + day, paid: 0n });
    await until("o1", "waiting");
    await sagas.signal(undefined, { id: "o1", event: "cancel", signalId: "c1" });
    const { status, failure } = await sagas.reached("o1", newCall());
    assert.equal(status, "compensated");
    assert.ok(failure !== undefined && rpcErrorOf(failure).message === "the user changed their mind");
    assert.equal(await sagas.signal(undefined, paid("o1", "s1", 100n)), "late");
    assert.equal(await sagas.signal(undefined, paid("o1", "s1", 100n)), "duplicate");
    assert.deepEqual(await notes(), ["reserve", "release", "late paid s1"]);
  }));

test("a payment that waits behind a cancellation becomes late in the transaction that turns back", () =>
  withSagas([placeOrder], async ({ sagas, sql, newCall, clock, until, notes }) => {
    const call = newCall();
    await sql.transaction(call, async (tx) => {
      await sagas.begin(tx, placeOrder, { id: "o1", state: { expiresAt: clock.now() + day, paid: 0n } }, call);
      await sagas.signal(tx, { id: "o1", event: "cancel", signalId: "c1" });
      assert.equal(await sagas.signal(tx, paid("o1", "s1", 100n)), "delivered");
      assert.equal(await sagas.signal(tx, { id: "o1", event: "unheard-of", signalId: "u1" }), "delivered");
    });
    await until("o1", "compensated");
    assert.deepEqual(await notes(), ["reserve", "late paid s1", "late unheard-of u1", "release"]);
  }));

test("when its time is over the saga decides so; a signal that came in time counts, also when it is seen later", () =>
  withSagas([placeOrder], async ({ begin, sagas, clock, until, notes, another }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + day, paid: 0n });
    await until("o1", "waiting");
    await clock.advance(day);
    const expired = await until("o1", "compensated");
    assert.equal(expired.failure?.reason, "SAGA_TIMED_OUT");
    assert.deepEqual(await notes(), ["reserve", "expired", "release"]);

    await begin(placeOrder, "o2", { expiresAt: clock.now() + day, paid: 0n });
    await until("o2", "waiting");
    // The runner is away: the signals are only written down.
    await sagas.stop();
    const away = another();
    assert.equal(await away.signal(undefined, paid("o2", "in-time", 100n)), "delivered");
    await clock.advance(2 * day);
    await away.start();
    await until("o2", "completed");
    await away.stop();
  }));

test("a signal that came after the time counts as late, also when nobody had looked yet", () =>
  withSagas([placeOrder], async ({ begin, sagas, clock, until, notes, another }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + day, paid: 0n });
    await until("o1", "waiting");
    await sagas.stop();
    await clock.advance(day + 1);
    const away = another();
    assert.equal(await away.signal(undefined, paid("o1", "s1", 100n)), "delivered");
    await away.start();
    await until("o1", "compensated");
    assert.deepEqual(await notes(), ["reserve", "expired", "late paid s1", "release"]);
    await away.stop();
  }));

test("who waits for a saga is told when it is reached, and when the call ends first", () =>
  withSagas([placeOrder], async ({ begin, sagas, newCall, clock, until }) => {
    await begin(placeOrder, "o1", { expiresAt: clock.now() + day, paid: 0n });
    await until("o1", "waiting");
    assert.equal((await sagas.reached("o1", newCall())).step, "payment");

    const slow = defineSaga<Order, NoteTables>({
      name: "slow",
      steps: [step("never", { timeoutMs: 60_000, run: (_, call) => new Promise((_, reject) => call.onAbort(reject)) })],
    });
    const call = newCall(1000);
    await withSagas([slow], async (inner) => {
      await inner.begin(slow, "s1", { expiresAt: 0, paid: 0n });
      const own = inner.newCall(1000);
      const reached = inner.sagas.reached("s1", own);
      reached.catch(() => {});
      await inner.clock.advance(1010);
      await assert.rejects(reached, CoreErrors.DEADLINE_EXCEEDED.is);
      const settled = inner.newCall();
      settled.settle();
      await assert.rejects(inner.sagas.reached("s1", settled), CoreErrors.CANCELLED.is);
      await assert.rejects(
        inner.sagas.reached("s1", inner.newCall(), () => {
          throw new Error("a bad predicate");
        }),
        /a bad predicate/,
      );
    });
    call.settle();
  }));
