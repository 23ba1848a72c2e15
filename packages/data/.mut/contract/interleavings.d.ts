import { type SqlEngine } from "./engine.js";
/**
 * Random transfers between accounts, interleaved at random: some fail, some are aborted in the middle, some hang until they are.
 * Afterwards the database must hold exactly the transfers that were answered well, and every reader must always have seen the
 * same total.
 */
export declare function interleavingContract(engine: SqlEngine): void;
//# sourceMappingURL=interleavings.d.ts.map