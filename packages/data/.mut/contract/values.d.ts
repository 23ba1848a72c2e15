import { type SqlEngine } from "./engine.js";
/** What goes in comes out, or is refused. */
export declare function valueContract(engine: SqlEngine): void;
//# sourceMappingURL=values.d.ts.map