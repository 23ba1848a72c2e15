import type { Call, Clock } from "@sampan/core";
import type { Sql } from "@sampan/data";
import type { Pages, RunStore, TakenDay } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";
import { billed, billPages, insertLines } from "./bill-rows.js";
import { dueEntries, entriesOf, markBilled } from "./books.js";
import { insertDifferences } from "./difference-rows.js";
import { ledgerDifferences } from "./ledger-check.js";
import { runFence, type WriteOfRun } from "./run-fence.js";
import { sweepBills, sweepDifferences } from "./sweep.js";
import { walletDifferences } from "./wallet-check.js";

export function runStore(
  sql: Sql<PaymentTables>,
  taken: TakenDay,
  clock: Clock,
  call: Call,
  { entries, turn }: Pages,
): RunStore {
  const { day, run, shownRun } = taken;
  const { read } = sql;
  const fence = runFence(sql, taken, clock, call);
  const pages: Pages = {
    entries,
    async turn() {
      await turn();
      await fence.live();
    },
  };
  const write: WriteOfRun = async (work) => {
    await turn();
    await fence.write(work);
  };
  return {
    async sweep() {
      await sweepBills(day, entries, write);
      await sweepDifferences(day, run, shownRun, entries, write);
    },
    keepLines: (lines, firstNo) => write((tx) => insertLines(tx, taken, lines, firstNo)),
    lines: (kind) => billPages(read, taken, kind, pages),
    async billed(kind, references) {
      await pages.turn();
      return billed(read, taken, kind, references);
    },
    forgetLines: () => sweepBills(day, entries, write),
    async entriesOf(kind, references) {
      await pages.turn();
      return entriesOf(read, kind, references);
    },
    dueEntries: (kind, range) => dueEntries(read, kind, range, pages),
    markBilled: (kind, references) => write((tx) => markBilled(tx, kind, references, day)),
    async *ledgerDifferences(since) {
      yield* walletDifferences(sql, call, pages);
      yield* ledgerDifferences(sql, since, call, pages);
    },
    writeDifferences: (differences, firstNo) => write((tx) => insertDifferences(tx, taken, differences, firstNo)),
  };
}
