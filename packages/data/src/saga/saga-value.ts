import { SagaErrors } from "./saga-errors.js";

/** A bigint in JSON, which has none: `{"$bigint":"12"}`. */
const bigintKey = "$bigint";

/**
 * Writes the state or a signal's payload of a saga as JSON. Throws `SAGA_VALUE_NOT_JSON` for what would not come back as
 * it was (bigint does), and `SAGA_VALUE_TOO_LARGE`.
 */
export function encodeValue(what: string, id: string, value: unknown, limit: number): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replacer);
  } catch (error) {
    throw SagaErrors.SAGA_VALUE_NOT_JSON({ what, id, why: error instanceof Error ? error.message : String(error) });
  }
  if (text === undefined) throw SagaErrors.SAGA_VALUE_NOT_JSON({ what, id, why: `it is ${typeof value}` });
  const size = Buffer.byteLength(text);
  if (size > limit) throw SagaErrors.SAGA_VALUE_TOO_LARGE({ what, id, size: String(size), limit: String(limit) });
  return text;
}

export function decodeValue(text: string): unknown {
  // Hot path: a reviver makes parsing several times slower, and most states have no bigint.
  if (!text.includes(bigintKey)) return JSON.parse(text);
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    const digits = (value as Record<string, unknown>)[bigintKey];
    return typeof digits === "string" && Object.keys(value).length === 1 ? BigInt(digits) : value;
  });
}

function replacer(this: unknown, key: string, value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { [bigintKey]: value.toString() };
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${key} is ${value}`);
      return value;
    case "function":
    case "symbol":
      throw new TypeError(`${key} is a ${typeof value}`);
    default: {
      // A Date or a Map would come back as text or as an empty object.
      const raw = (this as Record<string, unknown>)[key];
      if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) {
        const prototype: unknown = Object.getPrototypeOf(raw);
        if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`${key} is not a plain object`);
      }
      return value;
    }
  }
}
