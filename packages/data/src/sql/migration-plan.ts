import { createHash } from "node:crypto";
import type { Migration, Schema } from "./contract.js";
import { SqlErrors } from "./errors.js";

/** A migration that has run, as the log has it. */
export interface AppliedMigration {
  readonly schema: string;
  readonly id: string;
  readonly checksum: string;
  /** Milliseconds since the epoch. */
  readonly appliedAt: number;
}

/** A migration to run now. */
export interface PendingMigration extends Migration {
  readonly schema: string;
  readonly checksum: string;
}

const idPattern = /^\d+-[a-z0-9-]+$/;

/**
 * What is to run, in order: schemas as given, migrations by number. Throws `TypeError` for ids that are wrong in the program, and a
 * registered error when the log and the program disagree. Schemas that the program does not use (any more) are left alone.
 */
export function planMigrations(
  schemas: readonly Schema[],
  applied: readonly AppliedMigration[],
  file: string,
): PendingMigration[] {
  const pending: PendingMigration[] = [];
  const names = new Set<string>();
  for (const { name, migrations } of schemas) {
    if (names.has(name)) throw new TypeError(`${file}: the schema ${name} is given twice`);
    names.add(name);
    checkOrder(name, migrations);
    pending.push(
      ...planSchema(
        name,
        migrations,
        applied.filter((entry) => entry.schema === name),
        file,
      ),
    );
  }
  return pending;
}

/** SHA-256 of the statements; white space at their ends and line ends do not count. */
export function checksum(migration: Migration): string {
  const hash = createHash("sha256");
  for (const statement of migration.up) hash.update(statement.replaceAll("\r\n", "\n").trim()).update("\0");
  return hash.digest("hex");
}

function planSchema(
  schema: string,
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
  file: string,
): PendingMigration[] {
  const log = new Map(applied.map((entry) => [entry.id, entry]));
  const known = new Set(migrations.map((migration) => migration.id));
  for (const { id } of applied) {
    if (!known.has(id)) throw SqlErrors.MIGRATION_UNKNOWN({ file, migration: `${schema}/${id}` });
  }
  const last = applied.reduce((highest, { id }) => Math.max(highest, number(id)), -1);
  const pending: PendingMigration[] = [];
  for (const migration of migrations) {
    const name = `${schema}/${migration.id}`;
    const entry = log.get(migration.id);
    const sum = checksum(migration);
    if (entry === undefined) {
      if (number(migration.id) < last) {
        throw SqlErrors.MIGRATION_OUT_OF_ORDER({ file, migration: name, applied: String(last) });
      }
      pending.push({ ...migration, schema, checksum: sum });
    } else if (entry.checksum !== sum) {
      throw SqlErrors.MIGRATION_CHANGED({ file, migration: name, when: new Date(entry.appliedAt).toISOString() });
    }
  }
  return pending;
}

function checkOrder(schema: string, migrations: readonly Migration[]): void {
  let last = -1;
  for (const { id } of migrations) {
    if (!idPattern.test(id)) throw new TypeError(`migration ${schema}/${id}: write it as 0001-what-it-does`);
    if (number(id) <= last) throw new TypeError(`migration ${schema}/${id}: numbers must ascend`);
    last = number(id);
  }
}

function number(id: string): number {
  return Number.parseInt(id, 10);
}
