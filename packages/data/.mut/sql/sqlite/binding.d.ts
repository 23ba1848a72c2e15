/** What SQLite binds: integers as bigint only, because the driver binds every number as a float. */
export type Bound = bigint | number | string | Uint8Array | null;
/**
 * Parameters as the driver can take them. Nothing else may reach it: a boolean aborts the whole process (a Rust panic in
 * libsql 0.5.29), `undefined` and NaN become NULL without a word.
 */
export declare function bind(parameters: readonly unknown[]): Bound[];
/** Rows as the contract promises them: the driver gives binary columns as `ArrayBuffer`. Changes the rows in place. */
export declare function unbind(rows: Record<string, unknown>[]): Record<string, unknown>[];
//# sourceMappingURL=binding.d.ts.map