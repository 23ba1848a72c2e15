import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openSqlite, type Schema, type Sql } from "@sampan/data";
import type { SingletonDependency } from "../dependency.js";

/** The service's own database: `<data folder>/<service>.db`; with `process.sharedData` that of all its instances. */
export function sql<DB>(schemas: readonly Schema[]): SingletonDependency<Sql<DB>> {
  return {
    name: "sql",
    lifetime: "service",
    oneProcessOnly: () => ({
      why: "is an embedded database, whose file one process owns",
      fix: "set process.workers to 1; several cores are used by a process for each service (up --split)",
    }),
    async open({ service, dataFolder, sharedData: shared, clock, logger }) {
      await mkdir(dataFolder, { recursive: true });
      const file = join(dataFolder, `${service}.db`);
      const value = await openSqlite<DB>({ file, schemas, shared, clock, logger });
      return { value, close: () => value.close() };
    },
  };
}
