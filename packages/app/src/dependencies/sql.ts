import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openSqlite, type Schema, type Sql } from "@sampan/data";
import type { SingletonDependency } from "../dependency.js";

/** The service's own database: `<data folder>/<service>.db`. */
export function sql<DB>(schemas: readonly Schema[]): SingletonDependency<Sql<DB>> {
  return {
    name: "sql",
    lifetime: "service",
    async open({ service, dataFolder, clock, logger }) {
      await mkdir(dataFolder, { recursive: true });
      const value = await openSqlite<DB>({ file: join(dataFolder, `${service}.db`), schemas, clock, logger });
      return { value, close: () => value.close() };
    },
  };
}
