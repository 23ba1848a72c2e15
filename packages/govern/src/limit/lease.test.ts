import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue } from "@sampan/core/ports";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { ask } from "./gate.js";
import { Lease } from "./lease.js";
import { LeaseDriver, type StoredLease } from "./shared-limit.js";

const policy = { ratePerSecond: 1000, burst: 100, leaseMs: 100, localShare: 0.25 };

/** One process that calls as often as it can, and counts what passes. */
function instance(clock: FakeClock, store: KeyValue) {
  const stored: StoredLease = { key: "limit", lease: new Lease(policy), waiting: [] };
  const happened: string[] = [];
  const driver = new LeaseDriver(store, clock, 50, (what) => void happened.push(what));
  const counts = { admitted: 0, refused: 0 };
  return {
    stored,
    happened,
    counts,
    call() {
      const now = clock.monotonic();
      const verdict = stored.lease.take(now);
      const count = (decided: number): void => void (decided >= 0 ? counts.admitted++ : counts.refused++);
      if (verdict !== ask) count(verdict);
      else if (!driver.wait(stored, { gone: false, decided: count })) counts.refused++;
      driver.refill(stored, now, policy.ratePerSecond);
    },
  };
}

/** The store with a delay, as over a network, that counts how often it is asked. */
function slowly(clock: FakeClock, inner: KeyValue) {
  const seen = { asked: 0, away: false };
  const store: KeyValue = {
    ...inner,
    acquire: (key, request) => {
      seen.asked++;
      return new Promise((resolve, reject) => {
        clock.timer(3, () => {
          if (seen.away) reject(new Error("away"));
          else inner.acquire(key, request).then(resolve, reject);
        });
      });
    },
  };
  return { store, seen };
}

test("four processes together get the rate within 2 %, with little I/O", async () => {
  const clock = createFakeClock();
  const { store, seen } = slowly(clock, memoryKeyValue({ clock }));
  const processes = Array.from({ length: 4 }, () => instance(clock, store));
  const seconds = 10;
  for (let ms = 0; ms < seconds * 1000; ms++) {
    // Twice the rate, unevenly: the first process has most of it.
    for (const [i, each] of processes.entries()) if (i === 0 || ms % 3 === i % 3) each.call();
    await clock.advance(1);
  }
  const admitted = processes.reduce((sum, { counts }) => sum + counts.admitted, 0);
  const expected = policy.ratePerSecond * seconds;
  // The bucket's size comes once, at the start.
  assert.ok(admitted >= expected * 0.98 && admitted <= expected * 1.02 + 200, `${admitted}`);
  assert.ok(seen.asked < 2000, `asked ${seen.asked} times for ${admitted}`);
});

test("a first call waits for the store and is admitted; later ones do no I/O", async () => {
  const clock = createFakeClock();
  const { store, seen } = slowly(clock, memoryKeyValue({ clock }));
  const one = instance(clock, store);
  for (let i = 0; i < 50; i++) one.call();
  assert.deepEqual(one.counts, { admitted: 0, refused: 0 });
  await clock.advance(20);
  assert.equal(one.counts.admitted, 50);
  const { asked } = seen;
  one.call();
  assert.equal(one.counts.admitted, 51);
  assert.ok(asked <= 3);
});

test("while the store is away each process goes on with its share, and comes back", async () => {
  const clock = createFakeClock();
  const { store, seen } = slowly(clock, memoryKeyValue({ clock }));
  seen.away = true;
  const one = instance(clock, store);
  for (let ms = 0; ms < 4000; ms++) {
    one.call();
    await clock.advance(1);
  }
  // 25 % of 1000/s for 4 s, and a quarter of the burst.
  assert.ok(one.counts.admitted >= 980 && one.counts.admitted <= 1030, `${one.counts.admitted}`);
  assert.deepEqual(one.happened, ["store-away"]);
  assert.ok(seen.asked <= 6, `asked ${seen.asked} times`);
  seen.away = false;
  await clock.advance(1000);
  const before = one.counts.admitted;
  for (let ms = 0; ms < 2000; ms++) {
    one.call();
    await clock.advance(1);
  }
  assert.deepEqual(one.happened, ["store-away", "store-back"]);
  assert.ok(one.counts.admitted - before >= 1950);
});

test("a store that never answers counts as away after its time", async () => {
  const clock = createFakeClock();
  const one = instance(clock, { ...memoryKeyValue({ clock }), acquire: () => new Promise(() => {}) });
  one.call();
  await clock.advance(49);
  assert.equal(one.counts.admitted, 0);
  await clock.advance(2);
  assert.equal(one.counts.admitted, 1);
  assert.deepEqual(one.happened, ["store-away"]);
});

test("unused tokens of a lease are dropped after a while", () => {
  const lease = new Lease(policy);
  assert.equal(lease.wanted(0, 1) >= 1, true);
  lease.granted(50, 0, 0);
  assert.equal(lease.take(1000), 0);
  assert.equal(lease.take(1001), ask);
});
