import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { later, lines, openWarehouse, type Warehouse } from "./warehouse.fixture.js";

let warehouse: Warehouse;
before(async () => {
  warehouse = await openWarehouse();
});
after(() => warehouse.close());

const stock = 6;
const products = ["a", "b"] as const;

/** What somebody asks for. Few ids and products, so that requests meet: repeats, late reserves, releases of what is sold. */
type Request =
  | { readonly kind: "reserve" | "restock"; readonly id: number; readonly pieces: Readonly<Record<string, number>> }
  | { readonly kind: "release" | "confirm"; readonly id: number };

const id = fc.nat({ max: 4 });
const pieces = fc
  .dictionary(fc.constantFrom(...products), fc.integer({ min: 1, max: 4 }), { minKeys: 1 })
  .map((chosen) => ({ ...chosen }));
const request: fc.Arbitrary<Request> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("reserve" as const), id, pieces }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restock" as const), id, pieces }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("confirm" as const), id }) },
);

let runs = 0;

/** Sends a request; a refusal is an outcome, anything else fails the test. */
function send(run: string, asked: Request, index: number): Promise<string> {
  const reservationId = `${run}-${asked.id}`;
  return warehouse
    .outcome((inventory) => {
      switch (asked.kind) {
        case "reserve":
          return inventory.reserve({ reservationId, lines: named(run, asked.pieces), expiresAt: later });
        case "restock":
          // Half of the ids are used twice: the second one is a repetition, or another request under its id.
          return inventory.restock({
            restockId: `${run}-r${index >> 1}`,
            reservationId,
            lines: named(run, asked.pieces),
          });
        case "release":
          return inventory.release({ reservationId });
        case "confirm":
          return inventory.confirm({ reservationId });
      }
    })
    .catch((error: Error) => {
      if (/was used for another request/.test(error.message)) return "IDEMPOTENCY_KEY_REUSED";
      throw error;
    });
}

const named = (run: string, wanted: Readonly<Record<string, number>>) =>
  lines(Object.fromEntries(Object.entries(wanted).map(([product, count]) => [`${run}-${product}`, count])));

async function checkLevels(run: string): Promise<void> {
  for (const { productId, available, reserved, sold } of await warehouse.levels()) {
    if (!productId.startsWith(`${run}-`)) continue;
    const counts = `${productId}: ${available} + ${reserved} + ${sold}`;
    assert.equal(available + reserved + sold, BigInt(stock), counts);
    assert.ok(available >= 0n && reserved >= 0n && sold >= 0n, counts);
  }
}

test("whatever is asked in whatever order, at once, no piece appears, vanishes or is promised twice", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(request, { minLength: 1, maxLength: 8 }), { minLength: 3, maxLength: 8 }),
      async (waves) => {
        const run = `run${runs++}`;
        const pieces = lines(Object.fromEntries(products.map((product) => [`${run}-${product}`, stock])));
        await warehouse.call((inventory) => inventory.addStock({ lines: pieces, idempotencyKey: run }));
        for (const [wave, requests] of waves.entries()) {
          // All of a wave at once, and the levels are read in between as well.
          const outcomes = requests.map((asked, index) => send(run, asked, wave * 8 + index));
          await checkLevels(run);
          for (const outcome of await Promise.all(outcomes)) seen.add(outcome);
          await checkLevels(run);
        }
        // Nothing is held or sold without a reservation that says so: when all are released, all pieces are on the shelf.
        for (let id = 0; id <= 4; id++) await send(run, { kind: "release", id }, 0);
        for (const product of products) {
          assert.deepEqual(await warehouse.level(`${run}-${product}`), {
            productId: `${run}-${product}`,
            available: BigInt(stock),
            reserved: 0n,
            sold: 0n,
          });
        }
      },
    ),
    { numRuns: 40 },
  );
  // Else the requests did not meet, and nothing was tested.
  for (const outcome of ["done", "OUT_OF_STOCK", "RESERVATION_CLOSED", "RESERVATION_CHANGED", "RESTOCK_TOO_MUCH"]) {
    assert.ok(seen.has(outcome), `no request ended with ${outcome}`);
  }
});

test("fifty buyers of the last ten pieces: ten get one", async () => {
  await warehouse.call((inventory) => inventory.addStock({ lines: lines({ last: 10 }), idempotencyKey: "last" }));
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, buyer) =>
      warehouse.outcome((inventory) =>
        inventory.reserve({ reservationId: `buyer-${buyer}`, lines: lines({ last: 1 }), expiresAt: later }),
      ),
    ),
  );
  assert.equal(outcomes.filter((outcome) => outcome === "done").length, 10);
  assert.equal(outcomes.filter((outcome) => outcome === "OUT_OF_STOCK").length, 40);
});
