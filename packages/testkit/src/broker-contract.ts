import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { Delivery } from "@sampan/core/ports";
import { type BrokerTest, type BrokerUnderTest, benchOf, collect, gate, idsOf, message } from "./broker-bench.js";
import { brokerFailureContract } from "./broker-failure-contract.js";

export type { BrokerUnderTest } from "./broker-bench.js";

/**
 * What every broker does, whatever carries the messages: registers tests with `node:test`. Implementations differ in
 * speed and in the length of their backoff, so tests wait for what must happen, and only the visibility timeout is fixed.
 */
export function brokerContract(name: string, open: () => Promise<BrokerUnderTest>): void {
  const behaves: BrokerTest = (behaviour, run) => {
    test(`${name}: ${behaviour}`, async () => {
      const bench = benchOf(await open());
      try {
        await run(bench);
      } finally {
        await bench.dispose();
      }
    });
  };
  deliveryContract(behaves);
  orderContract(behaves);
  brokerFailureContract(behaves);
}

function deliveryContract(behaves: BrokerTest): void {
  behaves("a message arrives as it was published", async ({ broker, until }) => {
    const got: Delivery[] = [];
    await broker.subscribe({ topic: "orders", group: "mail", ...collect(got) });
    const payload = Uint8Array.from({ length: 256 }, (_, i) => i);
    const headers = { traceparent: "00-1", note: "小程序 ✓" };
    await broker.publish([
      message("m1", { key: "订单-1", payload, headers }),
      message("m2", { key: "", payload: new Uint8Array() }),
    ]);
    await until(() => got.length === 2);
    const first = got.find(({ id }) => id === "m1");
    assert.deepEqual(
      { ...first, publishedAt: 0 },
      { topic: "orders", key: "订单-1", id: "m1", payload, headers, attempt: 1, publishedAt: 0 },
    );
    assert.ok((first?.publishedAt ?? 0) > 0);
    assert.equal(got.find(({ id }) => id === "m2")?.payload.length, 0);
  });

  behaves("every group gets every message, and its members share them", async ({ broker, until, quiet }) => {
    const [mail, left, right] = [[], [], []] as [Delivery[], Delivery[], Delivery[]];
    await broker.subscribe({ topic: "orders", group: "mail", ...collect(mail) });
    await broker.subscribe({ topic: "orders", group: "stock", ...collect(left) });
    await broker.subscribe({ topic: "orders", group: "stock", ...collect(right) });
    await broker.subscribe({
      topic: "other",
      group: "mail",
      handle: () => Promise.reject(new Error("not for this topic")),
    });
    const ids = Array.from({ length: 40 }, (_, i) => `m${i}`);
    await broker.publish(ids.map((id) => message(id)));
    await until(() => mail.length >= 40 && left.length + right.length >= 40);
    await quiet();
    assert.deepEqual(idsOf(mail).sort(), [...ids].sort());
    assert.deepEqual(idsOf([...left, ...right]).sort(), [...ids].sort());
  });

  behaves(
    "a group sees what comes after its first subscription, also while it is away",
    async ({ broker, until, quiet }) => {
      await broker.publish([message("before")]);
      const got: Delivery[] = [];
      const subscription = await broker.subscribe({ topic: "orders", group: "mail", ...collect(got) });
      await subscription.close();
      await broker.publish([message("away")]);
      await broker.subscribe({ topic: "orders", group: "mail", ...collect(got) });
      await until(() => got.length > 0);
      await quiet();
      assert.deepEqual(idsOf(got), ["away"]);
    },
  );

  behaves("an id that was published before changes nothing", async ({ broker, until, quiet }) => {
    const got: Delivery[] = [];
    await broker.subscribe({ topic: "orders", group: "mail", ...collect(got) });
    await broker.publish([message("m1"), message("m1", { key: "again" })]);
    await until(() => got.length === 1);
    await broker.publish([message("m1"), message("m2")]);
    await until(() => got.length === 2);
    await quiet();
    assert.deepEqual(idsOf(got), ["m1", "m2"]);
  });

  behaves(
    "what is published, and what was in work, is there after the broker is opened again",
    async ({ broker, reopen, until }) => {
      const held = gate();
      await broker.subscribe({ topic: "orders", group: "mail", handle: held.handle, concurrency: 1 });
      await broker.publish([message("m1", { key: "k" }), message("m2", { key: "k" })]);
      await until(() => held.waiting.length === 1);
      const again = await reopen();
      const got: Delivery[] = [];
      await again.subscribe({ topic: "orders", group: "mail", ...collect(got) });
      await until(() => got.length === 2);
      assert.deepEqual(idsOf(got), ["m1", "m2"]);
    },
  );

  behaves("a closed broker takes nothing more", async ({ broker }) => {
    await broker.close();
    const refused = (error: unknown): boolean => error instanceof RpcError && error.code === Code.Unavailable;
    await assert.rejects(broker.publish([message("m1")]), refused);
    await assert.rejects(broker.subscribe({ topic: "orders", group: "mail", ...collect([]) }), refused);
  });
}

function orderContract(behaves: BrokerTest): void {
  behaves("a key's messages come one after the other, while other keys go on", async ({ broker, until, quiet }) => {
    const held = gate();
    await broker.subscribe({ topic: "orders", group: "mail", handle: held.handle, concurrency: 4 });
    await broker.publish([message("a1", { key: "a" }), message("a2", { key: "a" }), message("b1", { key: "b" })]);
    await until(() => held.waiting.length === 2);
    await broker.publish([message("a3", { key: "a" })]);
    await quiet();
    assert.deepEqual(idsOf(held.waiting).sort(), ["a1", "b1"]);
    held.open("a1");
    await until(() => held.waiting.length === 3);
    await quiet();
    assert.equal(held.waiting[2]?.id, "a2");
    held.open("a2");
    await until(() => held.waiting.length === 4);
    assert.equal(held.waiting[3]?.id, "a3");
    held.open("a3");
    held.open("b1");
  });

  behaves("no more than `concurrency` messages are in work", async ({ broker, until }) => {
    let inWork = 0;
    let most = 0;
    let done = 0;
    await broker.subscribe({
      topic: "orders",
      group: "mail",
      concurrency: 3,
      async handle() {
        most = Math.max(most, ++inWork);
        await new Promise((resolve) => setImmediate(resolve));
        inWork--;
        done++;
      },
    });
    await broker.publish(Array.from({ length: 30 }, (_, i) => message(`m${i}`)));
    await until(() => done === 30);
    assert.equal(most, 3);
  });

  behaves("order holds over many publishers and keys", async ({ broker, until }) => {
    const got: Delivery[] = [];
    await broker.subscribe({ topic: "orders", group: "mail", concurrency: 16, ...collect(got) });
    const publish = async (key: string): Promise<void> => {
      for (let i = 0; i < 25; i++) await broker.publish([message(`${key}-${i}`, { key })]);
    };
    const keys = ["a", "b", "c", "d", "e", "f"];
    let published = false;
    const all = Promise.all(keys.map(publish)).then(() => {
      published = true;
    });
    await until(() => published && got.length >= 150);
    await all;
    for (const key of keys) {
      const expected = Array.from({ length: 25 }, (_, i) => `${key}-${i}`);
      assert.deepEqual(idsOf(got.filter((delivery) => delivery.key === key)), expected);
    }
  });
}
