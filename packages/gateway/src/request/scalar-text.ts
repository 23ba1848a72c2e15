import { type DescEnum, type DescField, ScalarType } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";

/** What `scalarFromText` answers for a text that is not a value of the field. */
export const invalid: unique symbol = Symbol("invalid");

/**
 * The value of a scalar or enum field (or of one entry of a list of them) from a path segment or query parameter.
 * Stricter than JavaScript's own conversions: no white space, no hex, no empty numbers; `NaN` and `Infinity` by name.
 */
export function scalarFromText(field: DescField, text: string): unknown {
  if (field.enum !== undefined) return enumValue(field.enum, text);
  switch (field.scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return text === "true" ? true : text === "false" ? false : invalid;
    case ScalarType.BYTES:
      return bytes(text);
    case ScalarType.DOUBLE:
      return float(text);
    case ScalarType.FLOAT:
      return float32(text);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return int32(text);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return whole(text, 0, 4294967295);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return big(text, -(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return big(text, 0n, 2n ** 64n - 1n);
    default:
      return invalid;
  }
}

const wholePattern = /^-?[0-9]{1,20}$/;
const floatPattern = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

function int32(text: string): number | typeof invalid {
  return whole(text, -2147483648, 2147483647);
}

function whole(text: string, min: number, max: number): number | typeof invalid {
  if (!wholePattern.test(text)) return invalid;
  const value = Number(text);
  return value >= min && value <= max ? value : invalid;
}

function big(text: string, min: bigint, max: bigint): bigint | typeof invalid {
  if (!wholePattern.test(text)) return invalid;
  const value = BigInt(text);
  return value >= min && value <= max ? value : invalid;
}

function float(text: string): number | typeof invalid {
  if (text === "NaN" || text === "Infinity" || text === "-Infinity") return Number(text);
  if (!floatPattern.test(text)) return invalid;
  const value = Number(text);
  return Number.isFinite(value) ? value : invalid;
}

function float32(text: string): number | typeof invalid {
  const value = float(text);
  return value === invalid || !Number.isFinite(value) || Number.isFinite(Math.fround(value)) ? value : invalid;
}

function bytes(text: string): Uint8Array | typeof invalid {
  try {
    return base64Decode(text);
  } catch {
    return invalid;
  }
}

function enumValue(desc: DescEnum, text: string): number | typeof invalid {
  const named = desc.values.find((value) => value.name === text);
  if (named !== undefined) return named.number;
  const value = int32(text);
  return value !== invalid && (desc.open || desc.values.some((each) => each.number === value)) ? value : invalid;
}
