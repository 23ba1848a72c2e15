import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { BrokerMessage, Delivery } from "@sampan/core/ports";
import { settled } from "@sampan/testkit";
import { openTestQueue, type QueueBench } from "./queue.fixture.js";
import { QueueErrors } from "./queue-errors.js";

const day = 24 * 60 * 60 * 1000;

function message(id: string, more: Partial<BrokerMessage> = {}): BrokerMessage {
  return { topic: "orders", key: id, id, payload: Uint8Array.of(1), headers: {}, ...more };
}

async function withQueue(
  run: (bench: QueueBench) => Promise<void>,
  options: Parameters<typeof openTestQueue>[0] = {},
): Promise<void> {
  const bench = await openTestQueue(options);
  try {
    await run(bench);
  } finally {
    await bench.dispose();
  }
}

/** A few turns of the event loop, with the clock standing still. */
async function turns(): Promise<void> {
  for (let i = 0; i < 12; i++) await settled();
}

test("a publish wakes its consumer without a timer", () =>
  withQueue(async ({ queue, clock }) => {
    const got: string[] = [];
    await queue.subscribe({ topic: "orders", group: "mail", handle: async ({ id }) => void got.push(id) });
    const before = clock.now();
    await queue.publish([message("m1")]);
    await turns();
    assert.deepEqual(got, ["m1"]);
    assert.equal(clock.now(), before);
    assert.equal(queue.backlog, 0);
  }));

test("a failed message waits for its backoff, which grows", () =>
  withQueue(
    async ({ queue, clock }) => {
      const at: number[] = [];
      const start = clock.now();
      const handle = async (): Promise<void> => {
        at.push(clock.now() - start);
        throw new Error("no");
      };
      await queue.subscribe({ topic: "orders", group: "mail", maxAttempts: 4, handle });
      await queue.publish([message("m1")]);
      for (let i = 0; i < 200; i++) await clock.advance(10);
      // Half of 100, 200, 400 is fixed, and half of the other half is the random 0.5.
      assert.deepEqual(at, [0, 75, 75 + 150, 75 + 150 + 300]);
      const [dead] = await queue.deadLetters("orders", "mail");
      assert.equal(dead?.error, "Error: no");
      assert.equal(dead?.diedAt, start + 525);
    },
    { backoff: { initialMs: 100, maxMs: 10_000 } },
  ));

test("an id is taken again once the window is over, and the same id of another topic at any time", () =>
  withQueue(async ({ queue, clock }) => {
    const got: Delivery[] = [];
    const handle = async (delivery: Delivery): Promise<void> => void got.push(delivery);
    await queue.subscribe({ topic: "orders", group: "mail", handle });
    await queue.subscribe({ topic: "parcels", group: "mail", handle });
    await queue.publish([message("m1"), message("m1", { topic: "parcels" })]);
    await clock.advance(7 * day);
    await queue.publish([message("m1")]);
    await turns();
    assert.equal(got.length, 2);
    await clock.advance(1);
    await queue.publish([message("m1")]);
    await turns();
    assert.deepEqual(
      got.map(({ topic }) => topic),
      ["orders", "parcels", "orders"],
    );
  }));

test("what is too old is deleted, dead or waiting, and the log says how much", () =>
  withQueue(
    async ({ queue, clock, logged }) => {
      const failing = await queue.subscribe({
        topic: "orders",
        group: "mail",
        maxAttempts: 1,
        handle: () => Promise.reject(new Error("no")),
      });
      await (await queue.subscribe({ topic: "orders", group: "gone", handle: async () => {} })).close();
      await queue.publish([message("m1"), message("m2")]);
      await turns();
      await failing.close();
      assert.equal(queue.backlog, 2);
      await clock.advance(2 * day);
      await queue.publish([message("m3")]);
      await queue.prune();
      assert.equal(queue.backlog, 1);
      assert.deepEqual(await queue.deadLetters("orders", "mail"), []);
      const pruned = logged.filter(({ message }) => message.includes("retention"));
      assert.deepEqual(
        pruned.map(({ fields }) => fields),
        [{ waiting: 2, dead: 2 }],
      );
    },
    { retentionMs: day, pruneEveryMs: 365 * day },
  ));

test("messages beyond the limits are refused whole, with their reason", () =>
  withQueue(
    async ({ queue }) => {
      const got: string[] = [];
      await queue.subscribe({ topic: "orders", group: "mail", handle: async ({ id }) => void got.push(id) });
      const refused: [BrokerMessage[], string][] = [
        [[message("ok"), message("big", { payload: new Uint8Array(101) })], "MESSAGE_TOO_LARGE"],
        [[message("ok"), message("head", { headers: { a: "x".repeat(100) } })], "MESSAGE_TOO_LARGE"],
        [[message("ok"), message("k".repeat(600))], "MESSAGE_TOO_LARGE"],
        [[message("ok"), message("")], "MESSAGE_INVALID"],
        [[message("ok"), message("nul\0")], "MESSAGE_INVALID"],
        [[message("ok"), message("m", { key: "\ud800" })], "MESSAGE_INVALID"],
        [[message("ok"), message("m", { payload: "text" as unknown as Uint8Array })], "MESSAGE_INVALID"],
        [["1", "2", "3", "4"].map((id) => message(id)), "BATCH_TOO_LARGE"],
      ];
      for (const [messages, reason] of refused) {
        await assert.rejects(queue.publish(messages), (error) => {
          assert.ok(error instanceof RpcError);
          assert.deepEqual([error.code, error.reason], [Code.InvalidArgument, reason]);
          return true;
        });
      }
      await turns();
      assert.deepEqual(got, []);
    },
    { limits: { payloadBytes: 100, headerBytes: 100, batch: 3 } },
  ));

test("a full queue and a full waiting room refuse", () =>
  withQueue(
    async ({ queue }) => {
      await (await queue.subscribe({ topic: "orders", group: "gone", handle: async () => {} })).close();
      const refusals = await Promise.allSettled(["1", "2", "3"].map((id) => queue.publish([message(id)])));
      assert.deepEqual(
        refusals.map(({ status }) => status),
        ["fulfilled", "fulfilled", "rejected"],
      );
      assert.ok(QueueErrors.QUEUE_BUSY.is((refusals[2] as PromiseRejectedResult).reason));
      await queue.publish([message("3")]);
      await assert.rejects(queue.publish([message("4")]), QueueErrors.QUEUE_FULL.is);
    },
    { limits: { pending: 2, backlog: 3 } },
  ));

test("an attempt counts from its claim: what was in work at a crash has used it, what was given back has not", () =>
  withQueue(async ({ queue, clock, reopen }) => {
    const attempts: number[] = [];
    const hang = async ({ attempt }: Delivery): Promise<void> => {
      attempts.push(attempt);
      return new Promise(() => {});
    };
    const subscription = await queue.subscribe({ topic: "orders", group: "mail", handle: hang });
    await queue.publish([message("m1")]);
    await turns();
    const closing = subscription.close(100);
    await clock.advance(100);
    await closing;
    const again = await reopen();
    await again.subscribe({ topic: "orders", group: "mail", visibilityMs: 1000, handle: hang });
    await turns();
    await clock.advance(1000);
    await turns();
    assert.deepEqual(attempts, [1, 1, 2]);
  }));

test("many publishes and acknowledgements share a transaction", () =>
  withQueue(async ({ queue }) => {
    const got = new Set<string>();
    await queue.subscribe({
      topic: "orders",
      group: "mail",
      concurrency: 100,
      handle: async ({ id }) => void got.add(id),
    });
    await Promise.all(Array.from({ length: 100 }, (_, i) => queue.publish([message(`m${i}`)])));
    // One turn stored and claimed all, the next one deletes all.
    await settled();
    await settled();
    await settled();
    assert.equal(got.size, 100);
    assert.equal(queue.backlog, 0);
  }));
