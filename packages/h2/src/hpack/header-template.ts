import { FieldKind, kindOfName } from "../headers/field-kind.js";
import { HpackEncoder } from "./encoder.js";

/**
 * Headers that are sent again and again: made once per route or channel, shared by all connections, immutable.
 *
 * On each connection the first use enters them into the compression table; from then on the block is a few constant
 * octets that are copied, not encoded. Names must be lower case, pseudo-header fields first; values latin1.
 */
export class HeaderTemplate {
  readonly fields: readonly string[];
  /** Octets that are always enough for the block. */
  readonly room: number;

  /** `fields` is name, value, name, value, … and is copied. */
  constructor(fields: readonly string[]) {
    checkOutgoing(fields);
    this.fields = Object.freeze([...fields]);
    this.room = HpackEncoder.room(fields);
  }
}

/**
 * Our own mistakes are programming errors and are thrown: a header that is not a lower-case token, is forbidden in
 * HTTP/2 or could split a message must not leave this process. Hot: also for per-call fields.
 */
export function checkOutgoing(fields: readonly string[]): void {
  if (fields.length % 2 !== 0) throw new TypeError("headers are name, value pairs");
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (kindOfName(name) === FieldKind.INVALID)
      throw new TypeError(`header name ${JSON.stringify(name)} is not allowed`);
    checkValue(name, fields[i + 1] as string);
  }
}

/** Values are latin1 without NUL, CR and LF (RFC 9113 section 8.2.1). Hot: a plain loop over a flat string. */
function checkValue(name: string, value: string): void {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0 || code === 10 || code === 13 || code > 255) {
      throw new TypeError(`value of header ${name} has a forbidden character`);
    }
  }
}

/** The encoded form of templates on one connection. Bounded: beyond `capacity` templates are encoded every time. */
export class TemplateCache {
  private readonly blocks = new Map<HeaderTemplate, { epoch: number; bytes: Buffer }>();
  private readonly capacity: number;

  constructor(capacity = 64) {
    this.capacity = capacity;
  }

  /** The constant block, when it is still valid for the encoder. Hot. */
  find(template: HeaderTemplate, encoder: HpackEncoder): Buffer | undefined {
    const found = this.blocks.get(template);
    return found !== undefined && found.epoch === encoder.epoch && !encoder.mustUpdate ? found.bytes : undefined;
  }

  /** Remembers `block` if writing it has not changed the table (then it would mean something else the next time). */
  remember(template: HeaderTemplate, encoder: HpackEncoder, epochBefore: number, block: Buffer): void {
    if (encoder.epoch !== epochBefore) return;
    if (this.blocks.size >= this.capacity && !this.blocks.has(template)) return;
    this.blocks.set(template, { epoch: encoder.epoch, bytes: Buffer.from(block) });
  }
}
