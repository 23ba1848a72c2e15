import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { type Client, type Clock, RpcError, type Runtime, systemClock } from "@sampan/core";
import { idempotencySchema, openSqlite } from "@sampan/data";
import { serveInMemory } from "@sampan/testkit";
import type { Level } from "./domain/stock.js";
import { inventoryService, type StockStore } from "./inventory-service.js";
import { type InventoryTables, inventorySchema } from "./schema.js";
import { stockStore } from "./store.js";

type Inventory = Client<typeof InventoryService>;

/** The service over a database in a temporary folder. */
export interface Warehouse {
  readonly runtime: Runtime;
  readonly store: StockStore;
  call<T>(work: (inventory: Inventory) => Promise<T>): Promise<T>;
  /** The reason of the refusal, or `done`. Anything that is not a registered refusal is thrown. */
  outcome(work: (inventory: Inventory) => Promise<unknown>): Promise<string>;
  levels(): Promise<Level[]>;
  level(productId: string): Promise<Level | undefined>;
  close(): Promise<void>;
}

export async function openWarehouse(clock: Clock = systemClock): Promise<Warehouse> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-inventory-"));
  const schemas = [inventorySchema, idempotencySchema];
  const sql = await openSqlite<InventoryTables>({ file: join(folder, "inventory.db"), schemas, clock });
  const store = stockStore(sql, clock);
  const { runtime, close } = await serveInMemory(() => [inventoryService({ store, clock })], clock);
  const call: Warehouse["call"] = (work) => runtime.run({ name: "test" }, (root) => work(root.to(InventoryService)));
  const levels = () => store.list(1000, undefined);
  return {
    runtime,
    store,
    call,
    async outcome(work) {
      try {
        await call(work);
        return "done";
      } catch (thrown) {
        if (thrown instanceof RpcError && thrown.info?.domain === "inventory") return thrown.reason;
        throw thrown;
      }
    },
    levels,
    level: async (productId) => (await levels()).find((level) => level.productId === productId),
    async close() {
      await close();
      await sql.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Lines by product. */
export function lines(pieces: Readonly<Record<string, bigint | number>>): { productId: string; quantity: bigint }[] {
  return Object.entries(pieces).map(([productId, quantity]) => ({ productId, quantity: BigInt(quantity) }));
}

/** Far enough in the future that nothing expires by itself. */
export const later = timestampFromMs(4_102_444_800_000);
