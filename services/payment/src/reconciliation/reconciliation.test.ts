import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ReconciliationStatus } from "@sampan/contracts/payment/v1/reconciliation_pb.js";
import { type BillLine, MiniProgramErrors } from "@sampan/miniprogram";
import { createFakeClock } from "@sampan/testkit";
import { refused } from "../till.fixture.js";
import { type LedgerDesk, openLedgerDesk } from "./ledger-desk.fixture.js";

let desk: LedgerDesk;
beforeEach(async () => {
  desk = await openLedgerDesk();
});
afterEach(() => desk.close());

/** Changes the lines of the bill with this reference. */
function tamper(reference: string, change: (line: BillLine) => BillLine[]): void {
  const isMeant = (line: BillLine) =>
    line.kind === "payment" ? line.outTradeNo === reference : line.outRefundNo === reference;
  desk.platform.tampering.push((lines) => lines.flatMap((line) => (isMeant(line) ? change(line) : [line])));
}

/** A day with payments and refunds of all kinds that agrees with its bill, but for what is planted. */
async function usualDay(plant: () => unknown = () => {}): Promise<string> {
  for (const orderId of ["a", "b", "c", "d"]) await desk.paid(orderId);
  await desk.refund("a", "a-1", 100n);
  await desk.refund("a", "a-2", 50n);
  await desk.refund("b", "b-1", 300n);
  await desk.payOrder("unpaid");
  await desk.topUp("ann", 500n);
  const amount = { amount: 200n, currency: "CNY" };
  await desk.call((payments) => payments.charge({ orderId: "w", userId: "ann", amount }));
  await desk.refund("w", "w-1", 20n);
  await plant();
  const day = desk.today();
  desk = await desk.tomorrow();
  return day;
}

test("a day on which everything agrees has no differences, and the same counts and sums on both sides", async () => {
  const day = await usualDay();
  const { differences, reconciliation } = await desk.reconcile(day);
  assert.deepEqual(differences, []);
  const sums = { currency: "CNY", payments: 4n, paid: 1200n, refunds: 3n, refunded: 450n };
  for (const side of [reconciliation.bill, reconciliation.books]) {
    assert.deepEqual(
      side.map(({ $typeName: _, ...each }) => each),
      [sums],
    );
  }
  assert.equal(desk.metric("payment_reconciliation_differences missing-here"), 0);
  assert.ok(!desk.alarms.some((alarm) => /differ/.test(alarm)));
});

test("a day without any business needs no bill", async () => {
  const day = desk.today();
  desk = await desk.tomorrow();
  const { differences, reconciliation } = await desk.reconcile(day);
  assert.deepEqual([differences, reconciliation.bill, reconciliation.books], [[], [], []]);
});

const foreign: BillLine = {
  kind: "payment",
  outTradeNo: "foreign",
  transactionId: "42-foreign",
  payerOpenid: "o",
  at: 0,
  amount: 1n,
  currency: "CNY",
  feeThousandths: 0n,
};
const reversed: BillLine = {
  ...foreign,
  kind: "refund",
  outTradeNo: "a",
  outRefundNo: "",
  refundId: "503",
  state: "succeeded",
};

const planted: readonly (readonly [name: string, plant: () => unknown, found: string])[] = [
  ["what only the platform has", () => add(foreign), "MISSING_HERE payment foreign"],
  ["what the platform gave back by itself", () => add(reversed), "MISSING_HERE refund 503"],
  ["what only we have", () => tamper("c", () => []), "MISSING_THERE payment c"],
  ["a refund that only we have", () => tamper("b-1", () => []), "MISSING_THERE refund b-1"],
  ["another amount", () => tamper("c", (line) => [{ ...line, amount: 299n }]), "AMOUNT_DIFFERS payment c"],
  ["a refund of another amount", () => tamper("a-1", (line) => [{ ...line, amount: 1n }]), "AMOUNT_DIFFERS refund a-1"],
  [
    "another state",
    () => tamper("a-2", (line) => [{ ...line, state: "closed" } as BillLine]),
    "STATE_DIFFERS refund a-2",
  ],
  ["a payment that nobody told of", payInSilence, "STATE_DIFFERS payment unpaid"],
  ["another number", () => tamper("d", (line) => [{ ...line, transactionId: "1" }]), "REFERENCE_DIFFERS payment d"],
  ["another order", () => tamper("b-1", (line) => [{ ...line, outTradeNo: "d" }]), "REFERENCE_DIFFERS refund b-1"],
  ["a line that is there twice", () => tamper("d", (line) => [line, line]), "DUPLICATE payment d"],
  ["a wallet with too much", () => desk.meddle("update wallet set balance = balance + 1"), "WALLET_DIFFERS wallet ann"],
  [
    "a wallet from nowhere",
    () => desk.meddle("insert into wallet values ('eve', 'CNY', 5)"),
    "WALLET_DIFFERS wallet eve",
  ],
  ["a wallet that is gone", () => desk.meddle("delete from wallet"), "WALLET_DIFFERS wallet ann"],
  [
    "a payment that its entries contradict",
    () => desk.meddle("update payment set refunded = 149 where order_id = 'a'"),
    "LEDGER_DIFFERS ledger a",
  ],
  [
    "money that nobody gives back",
    () => desk.meddle("update payment set status = 'voided' where order_id = 'c'"),
    "NOT_GIVEN_BACK ledger c",
  ],
];

function add(line: BillLine): void {
  desk.platform.tampering.push((lines) => [line, ...lines]);
}

/** And the platform does not answer when it is asked. */
function payInSilence(): void {
  desk.platform.fail("query", MiniProgramErrors.PLATFORM_BUSY({ platform_code: "SYSTEM_ERROR" }), { times: 1000 });
  desk.platform.fail("close", MiniProgramErrors.PLATFORM_BUSY({ platform_code: "SYSTEM_ERROR" }), { times: 1000 });
  desk.platform.pay("unpaid");
}

for (const [name, plant, expected] of planted) {
  test(`${name} is found, told, and not corrected`, async () => {
    const day = await usualDay(plant);
    const before = await desk.call((payments) => payments.listPayments({}));
    const { differences } = await desk.reconcile(day);
    assert.deepEqual(differences, [expected]);
    const [kind = ""] = expected.toLowerCase().replaceAll("_", "-").split(" ");
    assert.equal(desk.metric(`payment_reconciliation_differences ${kind}`), 1);
    assert.ok(desk.alarms.some((alarm) => /the books and the platform's bill differ/.test(alarm)));
    const after = await desk.call((payments) => payments.listPayments({}));
    assert.deepEqual(after.payments, before.payments);
  });
}

test("the same day again comes to the same; when the cause is gone, the difference is", async () => {
  const day = await usualDay(() => {
    add(foreign);
    tamper("c", () => []);
  });
  const first = await desk.reconcile(day);
  const again = await desk.reconcile(day);
  assert.deepEqual(again.differences, first.differences);
  assert.deepEqual(again.reconciliation.counts, first.reconciliation.counts);
  assert.deepEqual([first.differences.length, again.reconciliation.differences], [2, 2n]);
  desk.platform.tampering.length = 0;
  assert.deepEqual((await desk.reconcile(day)).differences, []);
});

test("what the platform moved at midnight is on the bill of either day, and missed when it is on neither", async () => {
  const midnight = Date.parse("2026-11-20T16:00:00Z");
  for (const orderId of ["found", "lost"]) await desk.paid(orderId);
  await desk.close({ keep: true });
  const { folder, platform } = desk;
  desk = await openLedgerDesk({ folder, platform, clock: createFakeClock(midnight - 1000) });
  // The platform counts it to the day that is ending; we hear of that when it is over.
  desk.platform.refundState = "processing";
  await Promise.allSettled([desk.refund("found", "found-r", 10n), desk.refund("lost", "lost-r", 10n)]);
  await desk.clock.advance(2000);
  await desk.callback(desk.platform.settleRefund("found-r", "succeeded"));
  await desk.callback(desk.platform.settleRefund("lost-r", "succeeded"));
  tamper("lost-r", () => []);
  desk = await desk.tomorrow();
  assert.deepEqual((await desk.reconcile("2026-11-20")).differences, []);
  desk = await desk.tomorrow();
  assert.deepEqual((await desk.reconcile("2026-11-21")).differences, ["MISSING_THERE refund lost-r"]);
  assert.deepEqual((await desk.reconcile("2026-11-21")).differences, ["MISSING_THERE refund lost-r"]);
});

test("a bill that is not there yet is asked for later, and why it waits can be seen", async () => {
  const day = await usualDay();
  desk.platform.fail("downloadBill", MiniProgramErrors.BILL_NOT_READY({ platform_code: "STATEMENT_CREATING" }), {
    times: 2,
  });
  await desk.call((payments) => payments.reconcileDay({ date: day }));
  await desk.clock.advance(60_000);
  const { reconciliation } = await desk.found(day);
  assert.equal(reconciliation.status, ReconciliationStatus.WAITING);
  assert.match(reconciliation.failure, /BILL_NOT_READY/);
  assert.equal(reconciliation.attempts, 1);
  await desk.clock.advance(20 * 60_000);
  assert.equal((await desk.found(day)).reconciliation.status, ReconciliationStatus.DONE);
});

test("a bill that breaks off shows nothing of itself", async () => {
  const day = await usualDay();
  const first = await desk.reconcile(day);
  const whole = desk.platform.downloadBill.bind(desk.platform);
  desk.platform.downloadBill = async function* (bill) {
    for await (const line of whole(bill)) {
      yield line;
      if (line.kind === "refund") throw MiniProgramErrors.BILL_INVALID({ why: "its totals are others" });
    }
  };
  await desk.call((payments) => payments.reconcileDay({ date: day }));
  await desk.clock.advance(60_000);
  const { reconciliation, differences } = await desk.found(day);
  assert.deepEqual(differences, []);
  assert.match(reconciliation.failure, /BILL_INVALID/);
  assert.deepEqual(reconciliation.bill, first.reconciliation.bill);
  assert.ok(desk.alarms.some((alarm) => /could not be reconciled/.test(alarm)));
});

test("a day that is not over, too long ago, or no day at all is refused", async () => {
  const ask = (date: string) => desk.call((payments) => payments.reconcileDay({ date }));
  for (const date of [desk.today(), "2027-01-01", "2026-02-30", "2026-08-01"]) {
    await assert.rejects(ask(date), refused("DAY_INVALID"), date);
  }
  await ask("2026-11-19");
  await ask("2026-08-22");
  await assert.rejects(desk.found("2026-11-18"), refused("UNKNOWN_RECONCILIATION"));
});
