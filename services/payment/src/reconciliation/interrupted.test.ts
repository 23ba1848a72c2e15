import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ReconciliationStatus } from "@sampan/contracts/payment/v1/reconciliation_pb.js";
import type { BillLine } from "@sampan/miniprogram";
import { billDays } from "../domain/bill-day.js";
import { reconciliationStore } from "../store/reconciliation-days.js";
import { refused } from "../till.fixture.js";
import { type LedgerDesk, openLedgerDesk } from "./ledger-desk.fixture.js";
import { reconcile } from "./run.js";

const day = "2026-11-20";
const expected = ["DUPLICATE payment b", "MISSING_HERE payment x", "MISSING_THERE payment a"];
let desk: LedgerDesk;

beforeEach(async () => {
  desk = await openLedgerDesk();
  for (const orderId of ["a", "b", "c"]) await desk.paid(orderId);
  await desk.refund("c", "c-1", 10n);
  desk.platform.tampering.push((lines) => [
    ...lines.filter((line) => line.outTradeNo !== "a"),
    ...lines.filter((line) => line.outTradeNo === "b"),
    { ...(lines[0] as BillLine), outTradeNo: "x" },
  ]);
  desk = await desk.tomorrow();
});
afterEach(() => desk.close());

const runDeps = () => ({
  store: reconciliationStore(desk.sql, desk.clock),
  platform: desk.platform,
  days: billDays(480),
  pageEntries: 200,
});

test("a run that is cut off between any two of its steps leaves nothing behind, and the next one finds the same", async () => {
  const store = reconciliationStore(desk.sql, desk.clock);
  await desk.root((call) => store.ask(day, call));
  let ended = false;
  for (let steps = 0; !ended; steps++) {
    assert.ok(steps < 100, "it never ends");
    let left = steps;
    ended = await desk.root(async (call) => {
      // As after a kill: the day is left as it is, until its lease is over.
      const taken =
        (await store.take(desk.clock.now() + 120_000 * (steps + 1), call)) ?? assert.fail("nothing to take");
      try {
        await store.finish(taken, await reconcile(runDeps(), taken, call, () => left-- <= 0), desk.clock.now(), call);
        return true;
      } catch (error) {
        assert.ok(refused("RECONCILIATION_STOPPED")(error), String(error));
        return false;
      }
    });
  }
  const { differences, reconciliation } = await desk.found(day);
  assert.deepEqual(differences, expected);
  assert.equal(reconciliation.status, ReconciliationStatus.DONE);
  assert.deepEqual((await desk.reconcile(day)).differences, expected);
  assert.equal((await desk.sql.read.selectFrom("bill_line").selectAll().execute()).length, 0);
  assert.equal((await desk.sql.read.selectFrom("difference").selectAll().execute()).length, expected.length * 2);
});

test("one that was taken over, because it was silent for a minute, writes nothing any more", async () => {
  const store = reconciliationStore(desk.sql, desk.clock);
  await desk.root(async (call) => {
    await store.ask(day, call);
    const silent = (await store.take(desk.clock.now(), call)) ?? assert.fail("nothing to take");
    assert.equal(await store.take(desk.clock.now() + 59_999, call), undefined);
    const heir = (await store.take(desk.clock.now() + 60_000, call)) ?? assert.fail("nothing to take");
    await assert.rejects(
      reconcile(runDeps(), silent, call, () => false),
      refused("RECONCILIATION_TAKEN_OVER"),
    );
    const nothing = { bill: [], books: [], counts: new Map() };
    await assert.rejects(store.finish(silent, nothing, 1, call), refused("RECONCILIATION_TAKEN_OVER"));
    await store.finish(heir, await reconcile(runDeps(), heir, call, () => false), desk.clock.now(), call);
  });
  assert.deepEqual((await desk.found(day)).differences, expected);
});

test("a process that stops in the middle of a download leaves the day to the next one, which needs not wait", async () => {
  const whole = desk.platform.downloadBill.bind(desk.platform);
  let reached = (): void => {};
  const begun = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  desk.platform.downloadBill = async function* (bill) {
    for await (const line of whole(bill)) {
      yield line;
      reached();
      await held;
    }
  };
  await desk.call((payments) => payments.reconcileDay({ date: day }));
  await desk.clock.advance(10_000);
  await begun;
  const { folder, platform } = desk;
  const closing = desk.close({ keep: true });
  release();
  await closing;
  platform.downloadBill = whole;
  desk = await openLedgerDesk({ folder, platform, clock: desk.clock });
  await desk.clock.advance(10_000);
  await desk.wait("the end", async () => (await desk.found(day)).reconciliation.status === ReconciliationStatus.DONE);
  assert.deepEqual((await desk.found(day)).differences, expected);
});
