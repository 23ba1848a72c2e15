import assert from "node:assert/strict";
import type { Delivery } from "@sampan/core/ports";
import { type BrokerTest, collect, gate, idsOf, message } from "./broker-bench.js";

const orders = { topic: "orders", group: "mail" } as const;
const no = new Error("not today");

/** The part of the broker contract about what goes wrong. */
export function brokerFailureContract(behaves: BrokerTest): void {
  behaves(
    "a rejected message comes again after a while, and holds back its key only",
    async ({ broker, until, quiet }) => {
      const held = gate();
      await broker.subscribe({ ...orders, handle: held.handle });
      await broker.publish([message("a1", { key: "a" }), message("a2", { key: "a" })]);
      await until(() => held.waiting.length === 1);
      held.open("a1", no);
      await broker.publish([message("b1", { key: "b" })]);
      await until(() => held.waiting.length === 3);
      assert.deepEqual(held.waiting.map(({ id, attempt }) => `${id}/${attempt}`).sort(), ["a1/1", "a1/2", "b1/1"]);
      held.open("b1");
      held.open("a1");
      await until(() => held.waiting.length === 4);
      held.open("a2");
      await quiet();
      assert.equal(held.waiting.at(-1)?.id, "a2");
      assert.equal(held.waiting.length, 4);
    },
  );

  behaves("after its last attempt a message is a dead letter, and the next of its key goes on", async (bench) => {
    const { broker, until, quiet } = bench;
    const got: string[] = [];
    const handle = async ({ id, attempt }: Delivery): Promise<void> => {
      got.push(`${id}/${attempt}`);
      if (id.startsWith("bad")) throw no;
    };
    await broker.subscribe({ ...orders, maxAttempts: 2, handle });
    const payload = Uint8Array.of(1, 2, 3);
    await broker.publish([
      message("bad1", { key: "k", payload, headers: { a: "b" } }),
      message("bad2", { key: "k" }),
      message("good", { key: "k" }),
    ]);
    await until(() => got.length === 5);
    await quiet();
    assert.deepEqual(got, ["bad1/1", "bad1/2", "bad2/1", "bad2/2", "good/1"]);
    const dead = await broker.deadLetters("orders", "mail");
    assert.deepEqual(idsOf(dead), ["bad1", "bad2"]);
    assert.deepEqual(
      [dead[0]?.key, dead[0]?.payload, dead[0]?.headers, dead[0]?.attempt],
      ["k", payload, { a: "b" }, 2],
    );
    assert.equal((await broker.deadLetters("orders", "mail", 1)).length, 1);
    assert.equal((await broker.deadLetters("orders", "nobody")).length, 0);
  });

  behaves(
    "a dead letter that is redriven is delivered again, its attempts counted from 1",
    async ({ broker, until, quiet }) => {
      let broken = true;
      const got: string[] = [];
      const handle = async ({ id, attempt }: Delivery): Promise<void> => {
        got.push(`${id}/${attempt}`);
        if (broken) throw no;
      };
      await broker.subscribe({ ...orders, maxAttempts: 1, handle });
      await broker.publish([message("m1")]);
      await until(() => got.length === 1);
      await quiet();
      assert.deepEqual(idsOf(await broker.deadLetters("orders", "mail")), ["m1"]);
      assert.equal(await broker.redrive("orders", "mail", "m2"), false);
      broken = false;
      assert.equal(await broker.redrive("orders", "mail", "m1"), true);
      await until(() => got.length === 2);
      assert.deepEqual(got, ["m1/1", "m1/1"]);
      assert.equal((await broker.deadLetters("orders", "mail")).length, 0);
      assert.equal(await broker.redrive("orders", "mail", "m1"), false);
    },
  );

  behaves(
    "a message without an answer is delivered again, its handler told, and a late answer ignored",
    async (bench) => {
      const { broker, until, quiet } = bench;
      const signals: AbortSignal[] = [];
      const held = gate();
      await broker.subscribe({
        ...orders,
        visibilityMs: 1000,
        handle(delivery, signal) {
          signals.push(signal);
          return held.handle(delivery, signal);
        },
      });
      await broker.publish([message("m1", { key: "k" }), message("m2", { key: "k" })]);
      await until(() => held.waiting.length === 1);
      assert.equal(signals[0]?.aborted, false);
      await until(() => held.waiting.length === 2);
      assert.equal(signals[0]?.aborted, true);
      assert.deepEqual(
        held.waiting.map(({ id, attempt }) => `${id}/${attempt}`),
        ["m1/1", "m1/2"],
      );
      held.open("m1", undefined, 1);
      await quiet();
      assert.equal(held.waiting.length, 2);
      held.open("m1", undefined, 2);
      await until(() => held.waiting.length === 3);
      assert.equal(held.waiting[2]?.id, "m2");
      held.open("m2");
    },
  );

  behaves("closing a subscription waits for what is in work", async ({ broker, until, quiet }) => {
    const held = gate();
    const subscription = await broker.subscribe({ ...orders, concurrency: 1, handle: held.handle });
    await broker.publish([message("m1"), message("m2")]);
    await until(() => held.waiting.length === 1);
    let closed = false;
    const closing = subscription.close(30_000).then(() => {
      closed = true;
    });
    await quiet();
    assert.equal(closed, false);
    held.open(held.waiting[0]?.id ?? "");
    await until(() => closed);
    await closing;
    assert.equal(held.waiting.length, 1);
    const rest: Delivery[] = [];
    await broker.subscribe({ ...orders, ...collect(rest) });
    await until(() => rest.length === 1);
    assert.notEqual(rest[0]?.id, held.waiting[0]?.id);
  });

  behaves("closing a subscription aborts after its grace, and gives the message back", async ({ broker, until }) => {
    let started = false;
    let aborted = false;
    const subscription = await broker.subscribe({
      ...orders,
      handle: (_, signal) =>
        new Promise((_, reject) => {
          started = true;
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(no);
          });
        }),
    });
    await broker.publish([message("m1")]);
    const got: Delivery[] = [];
    let closed = false;
    await until(() => started);
    const closing = subscription.close(200).then(() => {
      closed = true;
    });
    await until(() => closed);
    await closing;
    await broker.subscribe({ ...orders, ...collect(got) });
    await until(() => got.length === 1);
    assert.equal(got[0]?.id, "m1");
    assert.ok(aborted);
  });

  behaves(
    "every message is handled at least once although handlers fail at random, each key in order",
    async (bench) => {
      const { broker, until } = bench;
      const succeeded: string[] = [];
      // A fixed sequence, so that a failure of the test can be repeated.
      let seed = 7;
      const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
      await broker.subscribe({
        ...orders,
        maxAttempts: 50,
        async handle({ id }) {
          if (random() < 0.3) throw no;
          succeeded.push(id);
        },
      });
      const keys = ["a", "b", "c", "d"];
      const all = Array.from({ length: 60 }, (_, i) => ({ key: keys[i % 4] as string, id: `m${i}` }));
      await broker.publish(all.map(({ key, id }) => message(id, { key })));
      await until(() => new Set(succeeded).size === all.length, 600_000);
      for (const key of keys) {
        const ids = all.filter((one) => one.key === key).map(({ id }) => id);
        assert.deepEqual([...new Set(succeeded.filter((id) => ids.includes(id)))], ids);
      }
    },
  );
}
