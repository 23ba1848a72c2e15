import { kindOfName, valueIsClean } from "../headers/field-kind.js";

/**
 * One header field as HPACK tables keep it. Name and value are judged once, when the literal is decoded, so a block
 * of indexed fields needs no validation at all.
 */
export interface Field {
  readonly name: string;
  readonly value: string;
  /** What the name means to HTTP/2, see `FieldKind`. */
  readonly kind: number;
  /** The value has no NUL, CR, LF and no surrounding white space (RFC 9113 section 8.2.1). */
  readonly clean: boolean;
  /** Length of name and value plus 32 (RFC 7541 section 4.1). */
  readonly size: number;
}

/** Overhead per field in table and list sizes. RFC 7541 section 4.1, RFC 9113 section 6.5.2. */
export const FIELD_OVERHEAD = 32;

export function makeField(name: string, value: string): Field {
  return {
    name,
    value,
    kind: kindOfName(name),
    clean: valueIsClean(value),
    size: name.length + value.length + FIELD_OVERHEAD,
  };
}
