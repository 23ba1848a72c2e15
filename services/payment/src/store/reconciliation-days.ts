import type { Clock } from "@sampan/core";
import type { Sql } from "@sampan/data";
import type { Transaction } from "kysely";
import type { DifferenceKind } from "../domain/difference.js";
import type { Reconciliation, ReconciliationResult, ReconciliationStore } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";
import { listDifferences } from "./difference-rows.js";
import { leaseMs, stillOurs } from "./run-fence.js";
import { runStore } from "./run-store.js";

export function reconciliationStore(sql: Sql<PaymentTables>, clock: Clock): ReconciliationStore {
  return {
    ask: (day, call) =>
      sql.transaction(call, async (tx) => {
        await insertDay(tx, day);
        await tx
          .updateTable("reconciliation")
          .set({ status: "waiting", due_at: 0n, attempts: 0n, failure: "" })
          .where("day", "=", day)
          .where("status", "!=", "running")
          .execute();
        return toReconciliation(
          await tx.selectFrom("reconciliation").selectAll().where("day", "=", day).executeTakeFirstOrThrow(),
        );
      }),
    async get(day) {
      const row = await sql.read.selectFrom("reconciliation").selectAll().where("day", "=", day).executeTakeFirst();
      return row === undefined ? undefined : toReconciliation(row);
    },
    async list(limit, after) {
      const query = sql.read.selectFrom("reconciliation").selectAll().orderBy("day", "desc").limit(limit);
      const rows = await (after === undefined ? query : query.where("day", "<", after)).execute();
      return rows.map(toReconciliation);
    },
    differences: ({ day, shownRun }, limit, after) => listDifferences(sql.read, day, shownRun, limit, after),
    askNew: (days, call) =>
      sql.transaction(call, async (tx) => {
        for (const day of days) await insertDay(tx, day);
      }),
    async firstPaidAt() {
      const row = await sql.read
        .selectFrom("payment")
        .select((each) => each.fn.min("bill_to").as("first"))
        .where("bill_to", ">", 0n)
        .executeTakeFirst();
      // Without a row `min` is null, whatever its type says.
      const first = row?.first as bigint | null | undefined;
      return first === null || first === undefined ? undefined : Number(first);
    },
    take: (now, call) =>
      sql.transaction(call, async (tx) => {
        const row = await tx
          .selectFrom("reconciliation")
          .selectAll()
          .where("status", "!=", "done")
          .where("due_at", "<=", BigInt(now))
          .orderBy("day")
          .limit(1)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const run = row.run + 1n;
        const attempts = row.attempts + 1n;
        await tx
          .updateTable("reconciliation")
          .set({ status: "running", run, attempts, due_at: BigInt(now + leaseMs) })
          .where("day", "=", row.day)
          .execute();
        return { day: row.day, run, shownRun: row.shown_run, attempts: Number(attempts) };
      }),
    run: (taken, call, pages) => runStore(sql, taken, clock, call, pages),
    putBack: (taken, dueAt, failure, call) =>
      sql.transaction(call, async (tx) => {
        await stillOurs(tx, taken, clock);
        await tx
          .updateTable("reconciliation")
          .set({ status: "waiting", due_at: BigInt(dueAt), failure: failure.slice(0, 500) })
          .where("day", "=", taken.day)
          .execute();
      }),
    finish: (taken, result, now, call) =>
      sql.transaction(call, async (tx) => {
        await stillOurs(tx, taken, clock);
        const shown = { shown_run: taken.run, finished_at: BigInt(now), result: fromResult(result) };
        await tx
          .updateTable("reconciliation")
          .set({ status: "done", failure: "", ...shown })
          .where("day", "=", taken.day)
          .execute();
      }),
  };
}

async function insertDay(tx: Transaction<PaymentTables>, day: string): Promise<void> {
  const blank = { run: 0n, shown_run: 0n, due_at: 0n, attempts: 0n, failure: "", finished_at: 0n, result: "" };
  await tx
    .insertInto("reconciliation")
    .values({ day, status: "waiting", ...blank })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function toReconciliation(row: PaymentTables["reconciliation"]): Reconciliation {
  return {
    day: row.day,
    status: row.status,
    attempts: Number(row.attempts),
    failure: row.failure,
    shownRun: row.shown_run,
    finishedAt: row.finished_at === 0n ? undefined : Number(row.finished_at),
    result: row.result === "" ? undefined : toResult(row.result),
  };
}

function fromResult({ bill, books, counts }: ReconciliationResult): string {
  const write = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
  return JSON.stringify({ bill, books, counts: [...counts] }, write);
}

function toResult(text: string): ReconciliationResult {
  const read = (_: string, value: unknown): unknown =>
    typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
  const { bill, books, counts } = JSON.parse(text, read) as {
    readonly bill: ReconciliationResult["bill"];
    readonly books: ReconciliationResult["books"];
    readonly counts: readonly (readonly [DifferenceKind, bigint])[];
  };
  return { bill, books, counts: new Map(counts) };
}
