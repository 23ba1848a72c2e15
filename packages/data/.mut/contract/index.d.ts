import type { SqlEngine } from "./engine.js";
export type { ContractTables, SqlEngine, TestDatabase } from "./engine.js";
/** What every SQL engine must do behind `Sql`, as tests of node:test: call it in a test file, once for each engine. */
export declare function sqlContract(name: string, engine: SqlEngine): void;
//# sourceMappingURL=index.d.ts.map