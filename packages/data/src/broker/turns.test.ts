import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@sampan/core";
import { createFakeClock, settled } from "@sampan/testkit";
import { Groups } from "./group.js";
import { defaultQueueLimits } from "./queue-limits.js";
import { Turns } from "./turns.js";

const claim = { deliveryId: 1, groupId: 1, seq: 1, key: "k", attempt: 1 };
const message = { topic: "orders", key: "k", id: "m1", payload: new Uint8Array(), headers: {} };

/** Turns over a database that fails every transaction. */
function failing() {
  const clock = createFakeClock();
  let transactions = 0;
  const turns = new Turns({
    groups: new Groups([]),
    clock,
    logger: silentLogger,
    limits: defaultQueueLimits,
    dedupeWindowMs: 1000,
    nextSeq: 1,
    backlog: 0,
    transaction: () => {
      transactions++;
      return Promise.reject(new Error("disk full"));
    },
  });
  return { turns, clock, transactions: () => transactions };
}

test("a turn that cannot be written rejects its publishes and keeps its settlements for a later one", async () => {
  const { turns, clock, transactions } = failing();
  turns.settle({ type: "acknowledge", claim });
  await assert.rejects(turns.publish([message]), /disk full/);
  for (let i = 0; i < 10; i++) await settled();
  assert.equal(transactions(), 1, "it does not try again at once");
  await clock.advance(1000);
  assert.equal(transactions(), 2);
  turns.close();
});

test("draining gives up when a turn fails, so that a broken disk does not keep a process from ending", async () => {
  const { turns, transactions } = failing();
  turns.settle({ type: "acknowledge", claim });
  await turns.drain();
  assert.equal(transactions(), 1);
  turns.close();
});
