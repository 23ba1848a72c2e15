import type { Migration, Schema } from "./contract.js";
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
/**
 * What is to run, in order: schemas as given, migrations by number. Throws `TypeError` for ids that are wrong in the program, and a
 * registered error when the log and the program disagree. Schemas that the program does not use (any more) are left alone.
 */
export declare function planMigrations(schemas: readonly Schema[], applied: readonly AppliedMigration[], file: string): PendingMigration[];
/** SHA-256 of the statements; white space at their ends and line ends do not count. */
export declare function checksum(migration: Migration): string;
//# sourceMappingURL=migration-plan.d.ts.map