import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "@sampan/core";
import type { Sql } from "@sampan/data";
import type { BillLine } from "@sampan/miniprogram";
import type { KyselyPlugin } from "kysely";
import { billDays } from "../domain/bill-day.js";
import type { PaymentTables } from "../schema.js";
import { reconciliationStore } from "../store/reconciliation-days.js";
import { leaseMs } from "../store/run-fence.js";
import { refused } from "../till.fixture.js";
import { type LedgerDesk, openLedgerDesk } from "./ledger-desk.fixture.js";
import { reconcile } from "./run.js";

const day = "2026-11-20";

/** A day of so many payments, each with a refund; the bill has none of the last payment, and one that we do not know. */
async function dayOf(payments: number, reconcilePage: number): Promise<LedgerDesk> {
  const desk = await openLedgerDesk({ settings: { reconcilePage } });
  for (let i = 0; i < payments; i++) {
    await desk.paid(`o-${i}`);
    await desk.refund(`o-${i}`, `r-${i}`, 10n);
  }
  await desk.topUp("ann", 5n);
  const last = `o-${payments - 1}`;
  desk.platform.tampering.push((lines) => [
    ...lines.filter((line) => line.kind === "refund" || line.outTradeNo !== last),
    { ...(lines[0] as BillLine), outTradeNo: "z-foreign" },
  ]);
  return desk.tomorrow();
}

for (const page of [1, 2, 3]) {
  for (const payments of [2 * page - 1, 2 * page, 2 * page + 1]) {
    test(`${payments} payments in pages of ${page} are compared whole, and each difference is told once`, async () => {
      const desk = await dayOf(payments, page);
      try {
        await desk.meddle("update payment set refunded = 9 where order_id = 'o-0'");
        await desk.meddle("update wallet set balance = 4");
        const expected = [
          "LEDGER_DIFFERS ledger o-0",
          "MISSING_HERE payment z-foreign",
          `MISSING_THERE payment o-${payments - 1}`,
          "WALLET_DIFFERS wallet ann",
        ];
        const { differences, reconciliation } = await desk.reconcile(day);
        assert.deepEqual(differences, expected);
        assert.deepEqual(
          [...reconciliation.bill, ...reconciliation.books].map(({ payments, refunds }) => [payments, refunds]),
          [
            [BigInt(payments), BigInt(payments)],
            [BigInt(payments), BigInt(payments)],
          ],
        );
        assert.deepEqual((await desk.reconcile(day)).differences, expected);
      } finally {
        await desk.close();
      }
    });
  }
}

interface Watched {
  readonly sql: Sql<PaymentTables>;
  /** Statements in the turn of the event loop that had most of them. */
  mostStatements: number;
  /** Rows of the statement that read or changed most of them. */
  mostRows: number;
  statements: number;
}

/** Counts what is asked of a database, by turns of the event loop. */
function watch(sql: Sql<PaymentTables>, turn: () => number): Watched {
  let inTurn = 0;
  let last = -1;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      watched.statements++;
      inTurn = turn() === last ? inTurn + 1 : 1;
      last = turn();
      watched.mostStatements = Math.max(watched.mostStatements, inTurn);
      return node;
    },
    async transformResult({ result }) {
      const rows = Math.max(result.rows.length, Number(result.numAffectedRows ?? 0n));
      watched.mostRows = Math.max(watched.mostRows, rows);
      return result;
    },
  };
  const watched: Watched = {
    sql: {
      read: sql.read.withPlugin(plugin),
      transaction: (call, work) => sql.transaction(call, (tx) => work(tx.withPlugin(plugin) as typeof tx)),
      onCommit: (listener) => sql.onCommit(listener),
      close: () => sql.close(),
    },
    mostStatements: 0,
    mostRows: 0,
    statements: 0,
  };
  return watched;
}

/** A run; with `upTo` it is stopped after so many statements. */
async function watchedRun(desk: LedgerDesk, pageEntries: number, upTo = Number.POSITIVE_INFINITY): Promise<Watched> {
  let turn = 0;
  const count = (): void => {
    turn++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const watched = watch(desk.sql, () => turn);
  try {
    await desk.root(async (call: Call) => {
      const store = reconciliationStore(watched.sql, desk.clock);
      await store.ask(day, call);
      const taken = (await store.take(desk.clock.now() + leaseMs, call)) ?? assert.fail("nothing to take");
      const deps = { store, platform: desk.platform, days: billDays(480), pageEntries };
      const running = reconcile(deps, taken, call, () => watched.statements > upTo);
      if (upTo === Number.POSITIVE_INFINITY) await running;
      else await assert.rejects(running, refused("RECONCILIATION_STOPPED"));
    });
  } finally {
    clearImmediate(counting);
  }
  return watched;
}

test("the event loop turns after a few statements, none of them of more than a page, however long the day", async () => {
  const desk = await dayOf(40, 200);
  try {
    // What this one leaves is swept by the next, in pages, too.
    await watchedRun(desk, 4, 60);
    assert.equal((await desk.sql.read.selectFrom("bill_line").select("run").execute()).length, 80);
    const run = await watchedRun(desk, 4);
    // The page of the ledger has the most: entries, payments, their sums, refunds under way, and what is met again.
    assert.ok(run.mostStatements <= 6, `${run.mostStatements} statements in one turn`);
    // Two sums of each order on a page: what was taken and what was given back.
    assert.ok(run.mostRows <= 8, `${run.mostRows} rows`);
    assert.ok(run.statements > 200, `${run.statements}`);
  } finally {
    await desk.close();
  }
});

test("a page of the greatest size is one statement", async () => {
  const desk = await openLedgerDesk({ settings: { reconcilePage: 1000 } });
  try {
    const line = {
      kind: "payment",
      transactionId: "1",
      payerOpenid: "o",
      at: 0,
      amount: 1n,
      currency: "CNY",
      feeThousandths: 0n,
    } as const;
    desk.platform.tampering.push(() => Array.from({ length: 1001 }, (_, no) => ({ ...line, outTradeNo: `x-${no}` })));
    const run = await watchedRun(desk, 1000);
    assert.equal(run.mostRows, 1000);
  } finally {
    await desk.close();
  }
});
