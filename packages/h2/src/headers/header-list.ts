import { FieldKind } from "./field-kind.js";

/**
 * A decoded header section.
 *
 * Shared and therefore immutable once delivered: the engine hands the same object to every request whose header block
 * has the same bytes (see the block memo). `fields` holds name, value, name, value of the regular fields in order; the
 * pseudo-header fields are properties, empty or 0 when absent. `derived` belongs to the layer above, which may keep
 * there what it computed from the list (its route, its metadata); the engine never reads it.
 */
export class HeaderList {
  readonly fields: readonly string[] = [];
  method = "";
  scheme = "";
  authority = "";
  path = "";
  status = 0;
  /** Value of content-length, or -1. */
  contentLength = -1;
  /** Sum over all fields of name, value and 32 octets (RFC 9113 section 6.5.2). */
  size = 0;
  /** Why the section is malformed (RFC 9113 section 8.1.1), or empty. */
  fault = "";
  /** Larger than the limit; the fields beyond it were decoded (the table needs it) but not kept. */
  oversized = false;
  derived: unknown = undefined;
  /** The rules for requests (server) or responses (client) have been checked; the engine's own. */
  wellFormed = false;

  private readonly limit: number;
  private regular = false;
  private pseudo = 0;
  private host = "";

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Hot: called for every field of every block that is not in the memo. */
  add(name: string, value: string, kind: number, clean: boolean, size: number): void {
    this.size += size;
    if (this.size > this.limit) {
      this.oversized = true;
      return;
    }
    if (!clean) this.fault ||= `field value of ${name.slice(0, 32)} has forbidden characters`;
    if (kind === FieldKind.REGULAR) {
      this.regular = true;
      (this.fields as string[]).push(name, value);
      return;
    }
    this.addSpecial(name, value, kind);
  }

  private addSpecial(name: string, value: string, kind: number): void {
    if (kind >= FieldKind.METHOD && kind <= FieldKind.STATUS) {
      const bit = 1 << kind;
      if (this.regular) this.fault ||= "pseudo-header field after a regular field";
      if ((this.pseudo & bit) !== 0) this.fault ||= `repeated ${name}`;
      this.pseudo |= bit;
    }
    switch (kind) {
      case FieldKind.METHOD:
        this.method = value;
        return;
      case FieldKind.SCHEME:
        this.scheme = value;
        return;
      case FieldKind.AUTHORITY:
        this.authority = value;
        return;
      case FieldKind.PATH:
        this.path = value;
        return;
      case FieldKind.STATUS:
        this.status = /^[1-9][0-9][0-9]$/.test(value) ? Number(value) : 0;
        if (this.status === 0) this.fault ||= ":status is not a number";
        return;
      case FieldKind.INVALID:
        this.fault ||= `field ${name.slice(0, 32)} is not allowed`;
        break;
      case FieldKind.TE:
        if (value !== "trailers") this.fault ||= "te other than trailers";
        break;
      case FieldKind.CONTENT_LENGTH:
        this.addContentLength(value);
        break;
      default:
        if (this.host !== "" && this.host !== value) this.fault ||= "several host fields";
        this.host = value;
        break;
    }
    this.regular = true;
    (this.fields as string[]).push(name, value);
  }

  /** Differing or non-numeric lengths are the classic way to smuggle a message (RFC 9110 section 8.6). */
  private addContentLength(value: string): void {
    if (!/^[0-9]{1,15}$/.test(value)) {
      this.fault ||= "content-length is not a number";
      return;
    }
    const length = Number(value);
    if (this.contentLength !== -1 && this.contentLength !== length) this.fault ||= "several content-length fields";
    this.contentLength = length;
  }

  has(kind: number): boolean {
    return (this.pseudo & (1 << kind)) !== 0;
  }

  get pseudoCount(): number {
    let bits = this.pseudo;
    let count = 0;
    for (; bits !== 0; bits &= bits - 1) count++;
    return count;
  }

  /** The Host field's value, or empty. */
  get hostField(): string {
    return this.host;
  }

  /** Value of the first field with this (lower-case) name, or undefined. Linear: lists are short. */
  get(name: string): string | undefined {
    const { fields } = this;
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
    return undefined;
  }
}
