/**
 * Writes the state or a signal's payload of a saga as JSON. Throws `SAGA_VALUE_NOT_JSON` for what would not come back as
 * it was (bigint does), and `SAGA_VALUE_TOO_LARGE`.
 */
export declare function encodeValue(what: string, id: string, value: unknown, limit: number): string;
export declare function decodeValue(text: string): unknown;
//# sourceMappingURL=saga-value.d.ts.map