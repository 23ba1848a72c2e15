import { isEntry, run, type ServiceModule, service, sql } from "@sampan/app";
import { settings } from "@sampan/config";
import { idempotencySchema } from "@sampan/data";
import { catalogService } from "./catalog-service.js";
import { type CatalogTables, catalogSchema } from "./schema.js";
import { productStore } from "./store.js";

export const catalog: ServiceModule = service({
  name: "catalog",
  settings: settings({}),
  needs: { sql: sql<CatalogTables>([catalogSchema, idempotencySchema]) },
  build: ({ sql, clock }) => ({ serves: [catalogService({ store: productStore(sql, clock), clock })] }),
});

if (isEntry(import.meta)) await run(catalog);
