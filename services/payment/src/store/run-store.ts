import type { Call, Clock } from "@sampan/core";
import type { Sql } from "@sampan/data";
import type { RunStore, TakenDay } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";
import { billed, billPages, insertLines } from "./bill-rows.js";
import { dueEntries, entriesOf, markBilled } from "./books.js";
import { insertDifferences } from "./difference-rows.js";
import { ledgerDifferences } from "./ledger-check.js";
import { writeOfRun } from "./run-fence.js";
import { sweepBills, sweepDifferences } from "./sweep.js";

export function runStore(sql: Sql<PaymentTables>, taken: TakenDay, clock: Clock, call: Call): RunStore {
  const { day, run, shownRun } = taken;
  const { read } = sql;
  const write = writeOfRun(sql, taken, clock, call);
  return {
    async sweep() {
      await sweepBills(day, write);
      await sweepDifferences(day, run, shownRun, write);
    },
    keepLines: (lines, firstNo) => write((tx) => insertLines(tx, taken, lines, firstNo)),
    lines: (kind) => billPages(read, taken, kind),
    billed: (kind, references) => billed(read, taken, kind, references),
    forgetLines: () => sweepBills(day, write),
    entriesOf: (kind, references) => entriesOf(read, kind, references),
    dueEntries: (kind, range) => dueEntries(read, kind, range),
    markBilled: (kind, references) => write((tx) => markBilled(tx, kind, references, day)),
    ledgerDifferences: (since) => ledgerDifferences(sql, since, call),
    writeDifferences: (differences, firstNo) => write((tx) => insertDifferences(tx, taken, differences, firstNo)),
  };
}
