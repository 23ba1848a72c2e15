import assert from "node:assert/strict";
import { test } from "node:test";
import { ReconciliationStatus } from "@sampan/contracts/payment/v1/reconciliation_pb.js";
import { billDays } from "../domain/bill-day.js";
import { openLedgerDesk } from "./ledger-desk.fixture.js";
import { dueDays } from "./runner.js";

const china = billDays(480);
const at = (text: string): number => Date.parse(`${text}+08:00`);
const due = (now: string, first: string | undefined) =>
  dueDays(china, 630, at(now), first === undefined ? undefined : at(first));

test("yesterday is due from the set time on, and not before anything was ever paid", () => {
  assert.deepEqual(due("2026-11-21T10:29:59", "2026-11-20T12:00:00"), []);
  assert.deepEqual(due("2026-11-21T10:30:00", "2026-11-20T12:00:00"), ["2026-11-20"]);
  assert.deepEqual(due("2026-11-21T10:30:00", "2026-11-21T09:00:00"), []);
  assert.deepEqual(due("2026-11-21T10:30:00", undefined), []);
});

test("days that were missed are made up for, a week back", () => {
  assert.deepEqual(due("2026-11-21T00:00:01", "2026-11-18T12:00:00"), ["2026-11-18", "2026-11-19"]);
  const week = due("2026-11-21T23:00:00", "2026-01-01T00:00:00");
  assert.deepEqual([week.length, week[0], week.at(-1)], [7, "2026-11-14", "2026-11-20"]);
});

test("a day is reconciled by itself, once, and operators list the days, the latest first", async () => {
  let desk = await openLedgerDesk({ settings: { reconcileAt: "10:30" } });
  try {
    await desk.paid("one");
    desk = await desk.tomorrow();
    await desk.clock.advance(60_000);
    await desk.paid("two");
    desk = await desk.tomorrow();
    await desk.clock.advance(60_000);
    desk = await desk.tomorrow();
    await desk.clock.advance(60_000);
    const downloads = desk.platform.calls.filter((call) => call.startsWith("downloadBill"));
    assert.deepEqual(
      downloads,
      ["2026-11-20", "2026-11-21", "2026-11-22"].map((day) => `downloadBill ${day}`),
    );
    const list = await desk.call((payments) => payments.listReconciliations({ pageSize: 2 }));
    assert.deepEqual(
      list.reconciliations.map(({ date, status }) => [date, status] as const),
      [
        ["2026-11-22", ReconciliationStatus.DONE],
        ["2026-11-21", ReconciliationStatus.DONE],
      ],
    );
    const { nextPageToken: pageToken } = list;
    const rest = await desk.call((payments) => payments.listReconciliations({ pageSize: 2, pageToken }));
    assert.deepEqual(
      rest.reconciliations.map(({ date }) => date),
      ["2026-11-20"],
    );
  } finally {
    await desk.close();
  }
});
