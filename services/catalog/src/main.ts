import { isEntry, run, type ServiceModule, service, sql } from "@sampan/app";
import { settings } from "@sampan/config";
import { catalogService } from "./catalog-service.js";
import { type CatalogTables, catalogSchema } from "./schema.js";
import { productStore } from "./store.js";

export const catalog: ServiceModule = service({
  name: "catalog",
  settings: settings({}),
  needs: { sql: sql<CatalogTables>([catalogSchema]) },
  build: ({ sql, clock }) => ({ serves: [catalogService({ store: productStore(sql), clock })] }),
});

if (isEntry(import.meta)) await run(catalog);
