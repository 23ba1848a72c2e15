import { type SqlEngine } from "./engine.js";
/** Commit, rollback, and what one transaction may do to another. */
export declare function transactionContract(engine: SqlEngine): void;
//# sourceMappingURL=transactions.d.ts.map