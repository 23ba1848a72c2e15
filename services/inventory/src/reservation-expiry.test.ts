import assert from "node:assert/strict";
import { test } from "node:test";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { createFakeClock } from "@sampan/testkit";
import type { StockStore } from "./inventory-service.js";
import { reservationExpiry } from "./reservation-expiry.js";
import { lines, openWarehouse, type Warehouse } from "./warehouse.fixture.js";

const everyMs = 1000;

/** Ten pieces of tea, of which two orders hold one each until in 5 s and in 50 s. */
async function held(clock: ReturnType<typeof createFakeClock>): Promise<Warehouse> {
  const warehouse = await openWarehouse(clock);
  await warehouse.call((inventory) => inventory.addStock({ lines: lines({ tea: 10 }), idempotencyKey: "tea" }));
  for (const [reservationId, ms] of [
    ["soon", 5000],
    ["late", 50_000],
  ] as const) {
    const expiresAt = timestampFromMs(clock.now() + ms);
    await warehouse.call((inventory) => inventory.reserve({ reservationId, lines: lines({ tea: 1 }), expiresAt }));
  }
  return warehouse;
}

/** Moves on, and lets the look that became due write. */
async function pass(clock: ReturnType<typeof createFakeClock>, ms: number, stop: () => Promise<void>): Promise<void> {
  await clock.advance(ms);
  await stop();
}

test("a reservation that nobody confirmed or released is released when its time is over, and no earlier", async () => {
  const clock = createFakeClock();
  const warehouse = await held(clock);
  const { runtime, store } = warehouse;
  const look = async (ms: number): Promise<void> => {
    const expiry = reservationExpiry({ store, runtime, clock, everyMs });
    expiry.start();
    await pass(clock, ms, () => expiry.stop());
  };
  await look(1000);
  assert.equal((await warehouse.level("tea"))?.reserved, 2n);
  await clock.advance(3000);
  await look(1000);
  assert.equal((await warehouse.level("tea"))?.reserved, 1n, "exactly at its time");
  await warehouse.close();
});

test("a reservation that is confirmed while expired ones are being released keeps its sale", async () => {
  const clock = createFakeClock();
  const warehouse = await held(clock);
  const { runtime } = warehouse;
  await clock.advance(10_000);
  // Found as expired, and confirmed before its turn to be released comes.
  const store: StockStore = {
    ...warehouse.store,
    async expired(now, limit) {
      const found = await warehouse.store.expired(now, limit);
      assert.deepEqual(found, ["soon"]);
      await warehouse.call((inventory) => inventory.confirm({ reservationId: "soon" }));
      return found;
    },
  };
  const expiry = reservationExpiry({ store, runtime, clock, everyMs });
  expiry.start();
  await pass(clock, everyMs, () => expiry.stop());
  const { available, reserved, sold } = (await warehouse.level("tea")) ?? assert.fail("no tea");
  assert.deepEqual([available, reserved, sold], [8n, 1n, 1n]);
  await warehouse.close();
});

test("a look that fails is reported, and the next one goes on", async () => {
  const clock = createFakeClock();
  const warehouse = await held(clock);
  const { runtime } = warehouse;
  let looks = 0;
  const store: StockStore = {
    ...warehouse.store,
    expired: () => {
      looks++;
      return Promise.reject(new Error("the disk is full"));
    },
  };
  const expiry = reservationExpiry({ store, runtime, clock, everyMs });
  expiry.start();
  for (let i = 0; i < 3; i++) await clock.advance(everyMs);
  await expiry.stop();
  assert.equal(looks, 3);
  await warehouse.close();
});
