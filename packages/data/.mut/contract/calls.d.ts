import { type SqlEngine } from "./engine.js";
/** A transaction belongs to a call, and ends with it. */
export declare function callContract(engine: SqlEngine): void;
//# sourceMappingURL=calls.d.ts.map