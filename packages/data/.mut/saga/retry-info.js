const typeName = "google.rpc.RetryInfo";
const longest = 24 * 60 * 60 * 1000;
/**
 * How long the callee asks to wait before a retry (`google.rpc.RetryInfo`), ms; 0 when it does not say or says nonsense.
 * Read by hand, because this package knows no generated code: `RetryInfo { Duration retry_delay = 1 }`,
 * `Duration { int64 seconds = 1; int32 nanos = 2 }`.
 */
export function retryAfterMs(error) {
    const any = error.details.find((detail) => detail.typeUrl.endsWith(`/${typeName}`));
    if (any === undefined)
        return 0;
    const duration = fields(any.value).get(1);
    if (!(duration instanceof Uint8Array))
        return 0;
    const parts = fields(duration);
    const ms = number(parts.get(1)) * 1000 + number(parts.get(2)) / 1e6;
    return ms > 0 ? Math.min(longest, Math.ceil(ms)) : 0;
}
function number(value) {
    return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : 0;
}
/** The varint and length-delimited fields of a message; empty when it is damaged or has fields of another wire type. */
function fields(bytes) {
    const found = new Map();
    let at = 0;
    const varint = () => {
        let value = 0n;
        for (let shift = 0n; shift < 70n; shift += 7n) {
            const byte = bytes[at++];
            if (byte === undefined)
                return undefined;
            value |= BigInt(byte & 0x7f) << shift;
            if (byte < 0x80)
                return value;
        }
        return undefined;
    };
    while (at < bytes.length) {
        const tag = varint();
        const value = varint();
        if (tag === undefined || value === undefined)
            return new Map();
        const field = Number(tag >> 3n);
        if ((tag & 7n) === 0n) {
            found.set(field, value);
        }
        else if ((tag & 7n) === 2n && value <= BigInt(bytes.length - at)) {
            found.set(field, bytes.subarray(at, at + Number(value)));
            at += Number(value);
        }
        else {
            return new Map();
        }
    }
    return found;
}
//# sourceMappingURL=retry-info.js.map