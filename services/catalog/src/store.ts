import type { Clock } from "@sampan/core";
import { claimKey, type Sql } from "@sampan/data";
import type { Kysely } from "kysely";
import type { ProductStore } from "./catalog-service.js";
import type { Product } from "./domain/product.js";
import type { CatalogTables } from "./schema.js";

/** Ids or rows in one statement: below the parameter limit of every engine. */
const rowsAtOnce = 200;

export function productStore(sql: Sql<CatalogTables>, clock: Clock): ProductStore {
  return {
    change: (call, work) =>
      sql.transaction(call, (tx) =>
        work({
          find: (productIds) => find(tx, productIds),
          async insert(products) {
            for (let start = 0; start < products.length; start += rowsAtOnce) {
              await tx
                .insertInto("product")
                .values(products.slice(start, start + rowsAtOnce).map(toRow))
                .execute();
            }
          },
          async setPrice(productId, { amount, currency }, at) {
            await tx
              .updateTable("product")
              .set({ price: amount, currency, updated_at: BigInt(at) })
              .where("product_id", "=", productId)
              .execute();
          },
          async claim(scope, key, request) {
            return (
              (await claimKey<CatalogTables>(tx, { scope, key, request, value: "", now: clock.now() })) === undefined
            );
          },
        }),
      ),
    find: (productIds) => find(sql.read, productIds),
    async list(limit, after) {
      const query = sql.read.selectFrom("product").selectAll().orderBy("product_id").limit(limit);
      const rows = await (after === undefined ? query : query.where("product_id", ">", after)).execute();
      return rows.map(toProduct);
    },
  };
}

async function find(db: Kysely<CatalogTables>, productIds: readonly string[]): Promise<Product[]> {
  const found: Product[] = [];
  for (let start = 0; start < productIds.length; start += rowsAtOnce) {
    const ids = productIds.slice(start, start + rowsAtOnce);
    const rows = await db.selectFrom("product").selectAll().where("product_id", "in", ids).execute();
    found.push(...rows.map(toProduct));
  }
  return found;
}

function toProduct(row: CatalogTables["product"]): Product {
  const price = { amount: row.price, currency: row.currency };
  return { productId: row.product_id, title: row.title, price, updatedAt: Number(row.updated_at) };
}

function toRow({ productId, title, price, updatedAt }: Product): CatalogTables["product"] {
  const { amount, currency } = price;
  return { product_id: productId, title, price: amount, currency, updated_at: BigInt(updatedAt) };
}
