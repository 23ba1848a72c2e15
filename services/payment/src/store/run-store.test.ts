import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Call } from "@sampan/core";
import { type LedgerDesk, openLedgerDesk } from "../reconciliation/ledger-desk.fixture.js";
import type { Pages, TakenDay } from "../reconciliation-store.js";
import { refused } from "../till.fixture.js";
import { insertDifferences } from "./difference-rows.js";
import { reconciliationStore } from "./reconciliation-days.js";
import { leaseMs, silentMs } from "./run-fence.js";
import { walletDifferences } from "./wallet-check.js";

const day = "2026-11-20";
let desk: LedgerDesk;
beforeEach(async () => {
  desk = await openLedgerDesk();
});
afterEach(() => desk.close());

const pagesOf = (entries: number, turn: () => Promise<void> = async () => {}): Pages => ({ entries, turn });
const store = () => reconciliationStore(desk.sql, desk.clock);
const rowOf = () => desk.sql.read.selectFrom("reconciliation").selectAll().executeTakeFirstOrThrow();

async function taken(call: Call, now = desk.clock.now()): Promise<TakenDay> {
  await store().ask(day, call);
  return (await store().take(now, call)) ?? assert.fail("nothing to take");
}

test("a run that only reads says that it lives, after a quarter of its lease and not before", async () => {
  await desk.root(async (call) => {
    const mine = await taken(call);
    const began = desk.clock.now();
    const run = store().run(mine, call, pagesOf(1));
    await desk.clock.advance(silentMs - 1);
    await run.entriesOf("payment", ["x"]);
    assert.equal((await rowOf()).due_at, BigInt(began + leaseMs));
    await desk.clock.advance(1);
    await run.billed("payment", ["x"]);
    assert.equal((await rowOf()).due_at, BigInt(began + silentMs + leaseMs));
    await desk.clock.advance(silentMs - 1);
    await run.entriesOf("payment", ["x"]);
    assert.equal((await rowOf()).due_at, BigInt(began + silentMs + leaseMs));
  });
});

test("a run that only reads learns that another has its day", async () => {
  await desk.root(async (call) => {
    const run = store().run(await taken(call), call, pagesOf(1));
    assert.ok(await store().take(desk.clock.now() + leaseMs, call));
    await run.entriesOf("payment", ["x"]);
    await desk.clock.advance(silentMs);
    await assert.rejects(run.entriesOf("payment", ["x"]), refused("RECONCILIATION_TAKEN_OVER"));
  });
});

test("differences of other runs are swept, in pages, whatever lies between those that are kept", async () => {
  const difference = {
    kind: "missing-here",
    entry: "payment",
    reference: "x",
    orderId: "x",
    ours: undefined,
    theirs: undefined,
    ourState: "",
    theirState: "",
    reason: "",
  } as const;
  await desk.root(async (call) => {
    let mine = await taken(call);
    for (let now = desk.clock.now(); mine.run < 6n; ) {
      mine = (await store().take((now += leaseMs), call)) ?? assert.fail("nothing to take");
    }
    for (const run of [1n, 2n, 3n, 4n, 6n, 7n]) {
      const count = Number(run) + 1;
      await desk.sql.transaction(call, (tx) =>
        insertDifferences(tx, { ...mine, run }, Array.from({ length: count }).fill(difference) as never[], 0),
      );
    }
    let turns = 0;
    const turn = async (): Promise<void> => void turns++;
    await store()
      .run({ ...mine, shownRun: 3n }, call, pagesOf(3, turn))
      .sweep();
    const left = await desk.sql.read.selectFrom("difference").select("run").execute();
    assert.deepEqual(
      left.map(({ run }) => Number(run)),
      [...Array(4).fill(3), ...Array(7).fill(6)],
    );
    // Bills: none. Differences: pages of 2, 3, 3 + 2 and 8 rows, two runs that are kept, and the end.
    assert.equal(turns, 1 + 1 + 1 + 1 + 2 + 1 + 3 + 1);
  });
});

/** Wallet entries of a user, by the service itself: each is a top-up of 5. */
async function topUps(count: number, first = 0): Promise<void> {
  for (let i = first; i < first + count; i++) {
    await desk.clock.advance(1);
    const [kind, reference] = ["top-up", `ann-${i}`];
    await desk.meddle(
      `insert into ledger values ('${kind}', '${reference}', '', 'ann', 5, 'CNY', ${desk.clock.now()})`,
    );
  }
}

const found = async (pages: Pages): Promise<string[]> => {
  const differences: string[] = [];
  await desk.root(async (call) => {
    for await (const page of walletDifferences(desk.sql, call, pages)) {
      for (const { reference, ours, theirs } of page) {
        differences.push(`${reference} ${ours?.amount} ${theirs?.amount} ${ours?.currency}`);
      }
    }
  });
  return differences.sort();
};

for (const count of [2, 3, 4, 6, 7]) {
  test(`${count} entries of one wallet add up in pages of three, between neighbours`, async () => {
    await desk.meddle("insert into wallet values ('aaa', 'CNY', 0), ('zoe', 'CNY', 1)");
    await topUps(count);
    const charge = { amount: { amount: 3n, currency: "CNY" }, userId: "ann" };
    await desk.meddle(`insert into wallet values ('ann', 'CNY', ${5 * count})`);
    await desk.call((payments) => payments.charge({ orderId: "w", ...charge }));
    await desk.refund("w", "w-1", 1n);
    // What the platform pays is in the ledger, and not in the wallet.
    await desk.paid("o-1");
    await desk.meddle("update ledger set user_id = 'ann' where order_id = 'o-1'");
    assert.deepEqual(await found(pagesOf(3)), ["zoe 1 0 CNY"]);
    await desk.meddle("update wallet set balance = balance + 1 where user_id = 'ann'");
    await desk.meddle("insert into wallet values ('ann', 'USD', 2)");
    const due = 5 * count - 2;
    const expected = [`ann ${due + 1} ${due} CNY`, "ann 2 0 USD", "zoe 1 0 CNY"].sort();
    assert.deepEqual(await found(pagesOf(3)), expected);
    assert.deepEqual(await found(pagesOf(1000)), expected);
  });
}

test("what is booked while a long wallet is read makes no difference, wherever it lies", async () => {
  await topUps(9);
  await desk.meddle("insert into wallet values ('ann', 'CNY', 45)");
  for (const bookedAt of [0, desk.clock.now() + 1]) {
    for (let at = 1; at <= 4; at++) {
      let turns = 0;
      const turn = async (): Promise<void> => {
        if (turns++ !== at) return;
        await desk.meddle(
          `insert into ledger values ('top-up', 'late-${bookedAt}-${at}', '', 'ann', 1, 'CNY', ${bookedAt})`,
        );
        await desk.meddle("update wallet set balance = balance + 1");
      };
      assert.deepEqual(await found(pagesOf(4, turn)), [], `${bookedAt} at turn ${at}`);
      assert.ok(turns > at);
    }
  }
});
