import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { type Client, RpcError } from "@sampan/core";
import { idempotencySchema, openSqlite, type SqliteSql } from "@sampan/data";
import { createFakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { catalogService } from "./catalog-service.js";
import { type CatalogTables, catalogSchema } from "./schema.js";
import { productStore } from "./store.js";

const clock = createFakeClock();
const folder = mkdtempSync(join(tmpdir(), "sampan-catalog-"));
let sql: SqliteSql<CatalogTables>;
let memory: InMemory;
before(async () => {
  sql = await openSqlite<CatalogTables>({
    file: join(folder, "catalog.db"),
    schemas: [catalogSchema, idempotencySchema],
    clock,
  });
  memory = await serveInMemory(() => [catalogService({ store: productStore(sql, clock), clock })], clock);
});
after(async () => {
  await memory.close();
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = <T>(work: (catalog: Client<typeof CatalogService>) => Promise<T>): Promise<T> =>
  memory.runtime.run({ name: "test" }, (root) => work(root.to(CatalogService)));
const product = (productId: string, amount = 100n, title = `Title of ${productId}`) => ({
  productId,
  title,
  price: { amount, currency: "CNY" },
});
const create = (...products: ReturnType<typeof product>[]) => call((catalog) => catalog.createProducts({ products }));
const priceOf = async (productId: string) =>
  (await call((catalog) => catalog.getProduct({ productId }))).product?.price?.amount;
const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;

test("products are created once: the same again changes nothing, another content is refused whole", async () => {
  const counts = async (asked: ReturnType<typeof create>) => [(await asked).created, (await asked).unchanged];
  assert.deepEqual(await counts(create(product("tea"), product("rice"))), [2, 0]);
  assert.deepEqual(await counts(create(product("tea"), product("rice"), product("silk"))), [1, 2]);
  await assert.rejects(create(product("new"), product("tea", 101n)), refused("PRODUCT_EXISTS"));
  await assert.rejects(create(product("new"), product("tea", 100n, "Another")), refused("PRODUCT_EXISTS"));
  await assert.rejects(priceOf("new"), refused("UNKNOWN_PRODUCT"));
});

test("one request may name a product twice when both are the same", async () => {
  assert.equal((await create(product("twin"), product("twin"))).created, 1);
  await assert.rejects(create(product("triplet"), product("triplet", 5n)), refused("PRODUCT_EXISTS"));
});

test("many who create the same at once all succeed, and there is one", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => create(product("race"))));
  assert.equal(
    answers.reduce((sum, { created }) => sum + created, 0),
    1,
  );
});

test("a request under a key is done once: repeated after a price has changed it is fine, another one is refused", async () => {
  const under = (key: string, ...products: ReturnType<typeof product>[]) =>
    call((catalog) => catalog.createProducts({ products, idempotencyKey: key }));
  await under("k", product("keyed"));
  await call((catalog) => catalog.setPrice({ productId: "keyed", price: { amount: 200n, currency: "CNY" } }));
  assert.equal((await under("k", product("keyed"))).created, 0);
  assert.equal(await priceOf("keyed"), 200n);
  await assert.rejects(under("k", product("keyed-2")), refused("IDEMPOTENCY_KEY_REUSED"));
  await assert.rejects(priceOf("keyed-2"), refused("UNKNOWN_PRODUCT"));
  // A request that was refused has used nothing up.
  await assert.rejects(under("free", product("gratis", 0n)), refused("INVALID_PRICE"));
  assert.equal((await under("free", product("gratis"))).created, 1);
});

test("a price is something that can be paid, and can be changed", async () => {
  for (const amount of [0n, -1n]) await assert.rejects(create(product("free", amount)), refused("INVALID_PRICE"));
  await create(product("dear", 500n));
  await clock.advance(1000);
  const set = (productId: string, amount: bigint) =>
    call((catalog) => catalog.setPrice({ productId, price: { amount, currency: "CNY" } }));
  const { product: changed } = await set("dear", 600n);
  assert.equal(Number(changed?.updatedAt?.seconds) * 1000, Math.floor(clock.now() / 1000) * 1000);
  assert.equal(await priceOf("dear"), 600n);
  await assert.rejects(set("dear", 0n), refused("INVALID_PRICE"));
  await assert.rejects(set("ghost", 1n), refused("UNKNOWN_PRODUCT"));
  assert.equal(await priceOf("dear"), 600n);
});

test("many are read at once, beyond what one statement takes, and the unknown are named", async () => {
  const many = Array.from({ length: 450 }, (_, index) => product(`many-${String(index).padStart(3, "0")}`));
  await create(...many);
  const productIds = [...many.map(({ productId }) => productId), "ghost", "many-000"];
  const { products, unknownProductIds } = await call((catalog) => catalog.batchGetProducts({ productIds }));
  assert.deepEqual([products.length, unknownProductIds], [450, ["ghost"]]);
});

test("the list comes in pages, each product once, in order; a token that is none is refused", async () => {
  const seen: string[] = [];
  for (let pageToken = ""; ; ) {
    const page = await call((catalog) => catalog.listProducts({ pageSize: 100, pageToken }));
    seen.push(...page.products.map(({ productId }) => productId));
    if (page.nextPageToken === "") break;
    pageToken = page.nextPageToken;
  }
  assert.ok(seen.length > 450);
  assert.deepEqual(seen, [...new Set(seen)].sort());
  await assert.rejects(
    call((catalog) => catalog.listProducts({ pageToken: "!!" })),
    refused("BAD_PAGE_TOKEN"),
  );
});
