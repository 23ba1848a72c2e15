import { type SqlEngine } from "./engine.js";
/** Migrations run once, in order, and never over a history that differs. Also: closing. */
export declare function migrationContract(engine: SqlEngine): void;
//# sourceMappingURL=migrations.d.ts.map