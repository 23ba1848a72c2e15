import { SqlErrors } from "../errors.js";
const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;
// The driver cuts text at a NUL and replaces half a surrogate pair, both silently.
const brokenText = /[\0\p{Surrogate}]/u;
/**
 * Parameters as the driver can take them. Nothing else may reach it: a boolean aborts the whole process (a Rust panic in
 * libsql 0.5.29), `undefined` and NaN become NULL without a word.
 */
export function bind(parameters) {
    const bound = new Array(parameters.length);
    for (let i = 0; i < parameters.length; i++)
        bound[i] = bindOne(parameters[i]);
    return bound;
}
function bindOne(value) {
    switch (typeof value) {
        case "string":
            if (!brokenText.test(value))
                return value;
            throw refused("text with a NUL character or half a surrogate pair");
        case "bigint":
            if (value >= smallest && value <= largest)
                return value;
            throw refused("an integer of more than 64 bits");
        case "number":
            if (Number.isSafeInteger(value))
                return BigInt(value);
            if (Number.isFinite(value))
                return value;
            throw refused(String(value));
        case "object":
            if (value === null || value instanceof Uint8Array)
                return value;
            throw refused(`a value of type ${value.constructor?.name ?? "object"}`);
        default:
            throw refused(`a value of type ${typeof value}`);
    }
}
const refused = (value) => SqlErrors.INVALID_VALUE({ value });
/** Rows as the contract promises them: the driver gives binary columns as `ArrayBuffer`. Changes the rows in place. */
export function unbind(rows) {
    const first = rows[0];
    if (first === undefined)
        return rows;
    const columns = Object.keys(first);
    for (const row of rows) {
        for (const column of columns) {
            const value = row[column];
            if (value instanceof ArrayBuffer)
                row[column] = new Uint8Array(value);
        }
    }
    return rows;
}
//# sourceMappingURL=binding.js.map