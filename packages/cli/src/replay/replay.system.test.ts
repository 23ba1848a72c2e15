import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openTarget } from "../client/target.js";
import { messyFile, withFile } from "./messy-file.fixture.js";
import { planReplay } from "./plan.js";
import { readLines } from "./read-lines.js";
import { replayPlan } from "./replay.js";
import { report } from "./report.js";
import { currency } from "./shop.js";
import { sumsFromFile } from "./sums-from-file.js";

describe("a replay through the gateway", () => {
  it("ends with an exact ledger, twice on the same platform", async () => {
    const target = await openTarget({}, { platform: { standinCurrencies: ["CNY", currency] } });
    try {
      await withFile(messyFile, async (path) => {
        const plan = planReplay(await readLines(path));
        for (const run of ["first", "second"]) {
          const outcome = await replayPlan({ target, plan, concurrency: 4, run });
          const { text, exact } = report(plan, outcome, sumsFromFile(path));
          assert.ok(exact, text);
          assert.equal(outcome.latencies.length, plan.orders.length);
          assert.equal(outcome.refunds, plan.refunds.length);
        }
      });
    } finally {
      await target.close();
    }
  });

  it("says so when a sum, a payment or a piece is not where the file wants it", async () => {
    const plan = await withFile(messyFile, async (path) => planReplay(await readLines(path)));
    const ledger = { charged: 7669n, refunded: 1785n, payments: 4n };
    const outcome = { latencies: [1, 2, 3, 4], elapsedMs: 10, refunds: 1, refused: [], ledger, misplaced: [] };
    const expected = { charged: 7669, refunded: 1785, orders: 4 };
    assert.ok(report(plan, outcome, expected).exact);
    assert.ok(!report(plan, { ...outcome, ledger: { ...ledger, charged: 7668n } }, expected).exact);
    assert.ok(!report(plan, { ...outcome, ledger: { ...ledger, refunded: 1786n } }, expected).exact);
    assert.ok(!report(plan, { ...outcome, ledger: { ...ledger, payments: 5n } }, expected).exact);
    assert.ok(!report(plan, { ...outcome, misplaced: ["P1"] }, expected).exact);
    assert.ok(!report(plan, { ...outcome, refused: [{ invoice: "1", reason: "no" }] }, expected).exact);
  });
});
