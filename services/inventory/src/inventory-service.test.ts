import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { RpcError } from "@sampan/core";
import { PreconditionFailureSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { later, lines, openWarehouse, type Warehouse } from "./warehouse.fixture.js";

let warehouse: Warehouse;
before(async () => {
  warehouse = await openWarehouse();
});
after(() => warehouse.close());

/** A product of this test alone, with ten pieces. */
async function stocked(productId: string, pieces = 10): Promise<void> {
  const wanted = lines({ [productId]: pieces });
  await warehouse.call((inventory) => inventory.addStock({ lines: wanted, idempotencyKey: productId }));
}

async function level(productId: string): Promise<string> {
  const found = await warehouse.level(productId);
  return found === undefined ? "none" : `${found.available} ${found.reserved} ${found.sold}`;
}

const reserve = (reservationId: string, pieces: Record<string, number>) =>
  warehouse.outcome((inventory) => inventory.reserve({ reservationId, lines: lines(pieces), expiresAt: later }));
const release = (reservationId: string) => warehouse.outcome((inventory) => inventory.release({ reservationId }));
const confirm = (reservationId: string) => warehouse.outcome((inventory) => inventory.confirm({ reservationId }));
const restock = (restockId: string, reservationId: string, pieces: Record<string, number>) =>
  warehouse.outcome((inventory) => inventory.restock({ restockId, reservationId, lines: lines(pieces) }));

test("stock that is added twice under one key is added once, and another request under it is refused", async () => {
  await stocked("tea");
  await stocked("tea");
  assert.equal(await level("tea"), "10 0 0");
  await assert.rejects(
    warehouse.call((inventory) => inventory.addStock({ lines: lines({ tea: 11 }), idempotencyKey: "tea" })),
    /idempotency key tea was used for another request/,
  );
});

test("pieces go from the shelf to the reservation to the buyer, and back after a refund", async () => {
  await stocked("rice");
  assert.equal(await reserve("rice-1", { rice: 4 }), "done");
  assert.equal(await level("rice"), "6 4 0");
  assert.equal(await confirm("rice-1"), "done");
  assert.equal(await level("rice"), "6 0 4");
  assert.equal(await restock("rice-r1", "rice-1", { rice: 1 }), "done");
  assert.equal(await level("rice"), "7 0 3");
});

test("each of these may be repeated and happens once", async () => {
  await stocked("silk");
  for (let i = 0; i < 3; i++) assert.equal(await reserve("silk-1", { silk: 4 }), "done");
  assert.equal(await level("silk"), "6 4 0");
  for (let i = 0; i < 3; i++) assert.equal(await confirm("silk-1"), "done");
  for (let i = 0; i < 3; i++) assert.equal(await restock("silk-r1", "silk-1", { silk: 1 }), "done");
  assert.equal(await level("silk"), "7 0 3");
  for (let i = 0; i < 3; i++) assert.equal(await release("silk-1"), "done");
  assert.equal(await level("silk"), "10 0 0", "what was put back before is not put back again");
});

test("an order takes all of its lines or none, and says what is missing", async () => {
  await stocked("jade", 1);
  await stocked("salt", 5);
  await assert.rejects(
    warehouse.call((inventory) =>
      inventory.reserve({ reservationId: "both", lines: lines({ salt: 2, jade: 2, ghost: 1 }), expiresAt: later }),
    ),
    (error: RpcError) => {
      assert.equal(error.reason, "OUT_OF_STOCK");
      const subjects = error
        .findDetail(PreconditionFailureSchema)
        ?.violations.map((each) => `${each.subject}: ${each.description}`);
      assert.deepEqual(subjects, ["ghost: wanted 1, available 0", "jade: wanted 2, available 1"]);
      return true;
    },
  );
  assert.equal(await level("salt"), "5 0 0");
  assert.equal(await reserve("both", { salt: 5, jade: 1 }), "done", "a refused id may be tried again");
});

test("one product on two lines counts once with the sum", async () => {
  await stocked("wool", 5);
  const twice = [...lines({ wool: 3 }), ...lines({ wool: 3 })];
  const asked = (reservationId: string, wanted: typeof twice) =>
    warehouse.outcome((inventory) => inventory.reserve({ reservationId, lines: wanted, expiresAt: later }));
  assert.equal(await asked("wool-1", twice), "OUT_OF_STOCK");
  assert.equal(await asked("wool-2", [...lines({ wool: 3 }), ...lines({ wool: 2 })]), "done");
  assert.equal(await level("wool"), "0 5 0");
});

test("a reservation that was released before it came is refused when it comes late", async () => {
  await stocked("ink");
  assert.equal(await release("ink-1"), "done");
  assert.equal(await reserve("ink-1", { ink: 1 }), "RESERVATION_CLOSED");
  assert.equal(await confirm("ink-1"), "RESERVATION_CLOSED");
  assert.equal(await level("ink"), "10 0 0");
});

test("what does not fit is refused", async () => {
  await stocked("oil");
  assert.equal(await confirm("nobody"), "UNKNOWN_RESERVATION");
  assert.equal(await restock("x", "nobody", { oil: 1 }), "UNKNOWN_RESERVATION");
  assert.equal(await reserve("oil-1", { oil: 2 }), "done");
  assert.equal(await reserve("oil-1", { oil: 3 }), "RESERVATION_CHANGED");
  assert.equal(await restock("oil-r0", "oil-1", { oil: 1 }), "RESERVATION_CLOSED", "nothing was sold yet");
  assert.equal(await confirm("oil-1"), "done");
  assert.equal(await restock("oil-r1", "oil-1", { oil: 2 }), "done");
  assert.equal(await restock("oil-r2", "oil-1", { oil: 1 }), "RESTOCK_TOO_MUCH");
  assert.equal(await restock("oil-r2", "oil-1", { tea: 1 }), "RESTOCK_TOO_MUCH", "a product that was not in the order");
  assert.equal(await level("oil"), "10 0 0");
  assert.equal(
    await warehouse.outcome((inventory) => inventory.checkStock({ productId: "ghost", quantity: 1n })),
    "UNKNOWN_STOCK",
  );
});

test("checking says what is there, and lists come in pages", async () => {
  await stocked("zinc-1", 3);
  await stocked("zinc-2", 3);
  const check = (quantity: bigint) =>
    warehouse.call((inventory) => inventory.checkStock({ productId: "zinc-1", quantity }));
  assert.deepEqual([(await check(3n)).enough, (await check(4n)).enough], [true, false]);
  const seen: string[] = [];
  for (let pageToken = ""; ; ) {
    const page = await warehouse.call((inventory) => inventory.listStock({ pageSize: 2, pageToken }));
    seen.push(...page.levels.map(({ productId }) => productId));
    if (page.nextPageToken === "") break;
    pageToken = page.nextPageToken;
  }
  assert.deepEqual(
    seen,
    (await warehouse.levels()).map(({ productId }) => productId),
  );
});
