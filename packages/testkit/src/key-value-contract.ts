import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";

export interface KeyValueUnderTest {
  readonly store: KeyValue;
  /** Lets the store's time pass: moves a fake clock, or waits. */
  passTime(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

type Behaves = (behaviour: string, run: (subject: KeyValueUnderTest) => Promise<void>) => void;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);

/** What every key-value store does: registers tests with `node:test`. */
export function keyValueContract(name: string, open: () => Promise<KeyValueUnderTest>): void {
  const behaves: Behaves = (behaviour, run) => {
    test(`${name}: ${behaviour}`, async () => {
      const subject = await open();
      try {
        await run(subject);
      } finally {
        await subject.dispose();
      }
    });
  };
  valueContract(behaves);
  counterContract(behaves);
  bucketContract(behaves);

  behaves("a closed store refuses everything as unavailable", async ({ store }) => {
    await store.put("a", bytes("1"));
    await store.close();
    const refused = (error: unknown): boolean => error instanceof RpcError && error.code === Code.Unavailable;
    await assert.rejects(store.get("a"), refused);
    await assert.rejects(store.put("a", bytes("1")), refused);
    await assert.rejects(store.compareAndSet("a", undefined, bytes("1")), refused);
    await assert.rejects(store.increment("c", 1), refused);
    await assert.rejects(store.acquire("t", { tokens: 1, ratePerSecond: 1, burst: 1 }), refused);
  });
}

function valueContract(behaves: Behaves): void {
  behaves("a value is read as it was written, and nothing is not an empty value", async ({ store }) => {
    assert.equal(await store.get("a"), undefined);
    await store.put(
      "a",
      Uint8Array.from({ length: 256 }, (_, i) => i),
    );
    assert.deepEqual([...((await store.get("a")) ?? [])], [...Array(256).keys()]);
    await store.put("a", new Uint8Array());
    assert.equal((await store.get("a"))?.length, 0);
    await store.put("订单/1 ✓", bytes("unicode"));
    assert.equal(text(await store.get("订单/1 ✓")), "unicode");
  });

  behaves("values are copies", async ({ store }) => {
    const written = bytes("one");
    await store.put("a", written);
    written[0] = 0;
    const read = await store.get("a");
    assert.equal(text(read), "one");
    if (read !== undefined) read[0] = 0;
    assert.equal(text(await store.get("a")), "one");
  });

  behaves("a value ends with its time to live, and a later write begins it anew", async ({ store, passTime }) => {
    await store.put("a", bytes("1"), 1000);
    await store.put("b", bytes("1"), 1000);
    await store.put("c", bytes("1"), 1000);
    await passTime(700);
    assert.equal(text(await store.get("a")), "1");
    await store.put("b", bytes("2"), 1000);
    await store.put("c", bytes("2"));
    await passTime(700);
    assert.equal(await store.get("a"), undefined);
    assert.equal(text(await store.get("b")), "2");
    await passTime(5000);
    assert.equal(await store.get("b"), undefined);
    assert.equal(text(await store.get("c")), "2");
  });

  behaves("compare-and-set creates, changes and removes, and only what is as expected", async ({ store, passTime }) => {
    assert.equal(await store.compareAndSet("a", bytes("0"), bytes("1")), false);
    assert.equal(await store.compareAndSet("a", undefined, bytes("1")), true);
    assert.equal(await store.compareAndSet("a", undefined, bytes("2")), false);
    assert.equal(await store.compareAndSet("a", bytes("other"), bytes("2")), false);
    assert.equal(text(await store.get("a")), "1");
    assert.equal(await store.compareAndSet("a", bytes("1"), bytes("2"), 500), true);
    assert.equal(await store.compareAndSet("a", bytes("1"), undefined), false);
    await passTime(600);
    assert.equal(await store.compareAndSet("a", undefined, new Uint8Array()), true);
    assert.equal(await store.compareAndSet("a", undefined, bytes("3")), false, "an empty value is a value");
    assert.equal(await store.compareAndSet("a", new Uint8Array(), undefined), true);
    assert.equal(await store.get("a"), undefined);
    assert.equal(await store.compareAndSet("a", undefined, undefined), true);
  });

  behaves("of many that compare at once, one sets", async ({ store }) => {
    const tries = Array.from({ length: 20 }, (_, i) => store.compareAndSet("lock", undefined, bytes(`${i}`)));
    const won = (await Promise.all(tries)).flatMap((set, i) => (set ? [i] : []));
    assert.equal(won.length, 1);
    assert.equal(text(await store.get("lock")), `${won[0]}`);
  });
}

function counterContract(behaves: Behaves): void {
  behaves("a counter adds up to its limit and no further", async ({ store }) => {
    assert.deepEqual(await store.increment("c", 0), { added: true, value: 0 });
    assert.deepEqual(await store.increment("c", 2, { limit: 3 }), { added: true, value: 2 });
    assert.deepEqual(await store.increment("c", 2, { limit: 3 }), { added: false, value: 2 });
    assert.deepEqual(await store.increment("c", 1, { limit: 3 }), { added: true, value: 3 });
    assert.deepEqual(await store.increment("c", -3, { limit: 3 }), { added: true, value: 0 });
    const many = await Promise.all(Array.from({ length: 20 }, () => store.increment("d", 1, { limit: 7 })));
    assert.equal(many.filter(({ added }) => added).length, 7);
  });

  behaves("a counter ends so long after it began, whatever is added later", async ({ store, passTime }) => {
    await store.increment("c", 1, { ttlMs: 1000 });
    await passTime(600);
    assert.equal((await store.increment("c", 1, { ttlMs: 1000 })).value, 2);
    await passTime(600);
    assert.equal((await store.increment("c", 1, { ttlMs: 1000 })).value, 1);
  });
}

function bucketContract(behaves: Behaves): void {
  const slow = { ratePerSecond: 2, burst: 10 };

  behaves("a token bucket gives what it holds, then its rate", async ({ store, passTime }) => {
    assert.equal((await store.acquire("t", { tokens: 8, ...slow })).granted, 8);
    const second = await store.acquire("t", { tokens: 8, ...slow });
    assert.ok(Math.abs(second.granted - 2) < 0.5, `granted ${second.granted}`);
    assert.ok(second.waitMs > 250 && second.waitMs <= 500, `wait ${second.waitMs}`);
    await passTime(1000);
    const third = await store.acquire("t", { tokens: 8, ...slow });
    assert.ok(third.granted >= 1.9 && third.granted < 3.5, `granted ${third.granted}`);
  });

  behaves("a token bucket never holds more than its size, and others are apart", async ({ store, passTime }) => {
    await store.acquire("t", { tokens: 10, ...slow });
    assert.equal((await store.acquire("u", { tokens: 10, ...slow })).granted, 10);
    await passTime(7000);
    assert.equal((await store.acquire("t", { tokens: 100, ...slow })).granted, 10);
  });

  behaves("of many that take at once, together they get no more than there is", async ({ store }) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => store.acquire("t", { tokens: 1, ...slow })));
    const granted = all.reduce((sum, each) => sum + each.granted, 0);
    assert.ok(granted >= 10 && granted < 11, `granted ${granted}`);
  });
}
