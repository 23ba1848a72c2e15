import { isEntry, run, type ServiceModule, service, sql } from "@sampan/app";
import { idempotencySchema } from "@sampan/data";
import { inventoryService } from "./inventory-service.js";
import { reservationExpiry } from "./reservation-expiry.js";
import { type InventoryTables, inventorySchema } from "./schema.js";
import { InventorySettings } from "./settings.js";
import { stockStore } from "./store.js";

export const inventory: ServiceModule = service({
  name: "inventory",
  settings: InventorySettings,
  needs: { sql: sql<InventoryTables>([inventorySchema, idempotencySchema]) },
  build({ sql, clock, runtime, settings }) {
    const store = stockStore(sql, clock);
    return {
      serves: [inventoryService({ store, clock })],
      runs: [reservationExpiry({ store, runtime, clock, everyMs: settings.expiryInterval })],
    };
  },
});

if (isEntry(import.meta)) await run(inventory);
