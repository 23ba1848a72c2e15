import { type Call } from "@sampan/core";
import type { Schema, Sql } from "../sql/contract.js";
/** What a SQL engine gives to be tested. */
export interface SqlEngine {
    /** The column type for binary values in this engine's DDL, such as `blob` or `bytea`. */
    readonly bytesType: string;
    /** A new, empty database. */
    create(): Promise<TestDatabase>;
}
export interface TestDatabase {
    /** Opens it; after `close()` of the last one it may be opened again, with its data. */
    open(schemas: readonly Schema[]): Promise<Sql<ContractTables>>;
    /** Called at the end, with nothing open. */
    remove(): Promise<void>;
}
export interface ContractTables {
    account: {
        id: bigint | number;
        balance: bigint | number;
        tag: string | null;
    };
    entry: {
        id: bigint | number;
        account_id: bigint | number;
        note: string;
        bytes: Uint8Array | null;
        ratio: number | null;
    };
}
/** The tables of the suite, in DDL that every engine takes. */
export declare function contractSchema(engine: SqlEngine): Schema;
/** Opens a database with the suite's tables for the time of one test. */
export declare function withDatabase(engine: SqlEngine, test: (sql: Sql<ContractTables>, newCall: () => Call) => Promise<void>): Promise<void>;
/** A root call; the tests settle, abort or expire it by hand. */
export declare function newCall(): Call;
/** Lets everything run that does not wait for an outside event, and one turn of the event loop pass. */
export declare function turn(): Promise<void>;
/** Adds `amount` to an account by reading and writing it, which loses updates on an engine that lets transactions overlap. */
export declare function increment(sql: Sql<ContractTables>, call: Call, id: number, amount?: bigint): Promise<bigint>;
export declare function balanceOf(sql: Sql<ContractTables>, id: number): Promise<bigint | undefined>;
export declare function addAccount(sql: Sql<ContractTables>, id: number, balance?: bigint, tag?: string | null): Promise<void>;
//# sourceMappingURL=engine.d.ts.map