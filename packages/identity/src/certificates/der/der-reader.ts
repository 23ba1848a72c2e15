import { CertificateErrors } from "../certificate-errors.js";
import { Tag } from "./der-writer.js";

/** One element that was read. `whole` is tag, length and content; all are views of what was given. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/**
 * Reads DER from the front, strictly: one-octet tags, definite and shortest lengths, nothing beyond the end. What is
 * read is a view, so nothing grows with a length that is only claimed. Throws `CERTIFICATE_INVALID`.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** `what` names the whole in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag that comes next; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  read(tag: number): Element {
    const element = this.any();
    if (element.tag !== tag) throw this.bad(`tag ${hex(element.tag)} stands where ${hex(tag)} belongs`);
    return element;
  }

  optional(tag: number): Element | undefined {
    return this.nextTag === tag ? this.any() : undefined;
  }

  any(): Element {
    const start = this.#at;
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw this.bad("a tag has more than one octet");
    const length = this.#length();
    const from = this.#at;
    if (length > this.#bytes.length - from) throw this.bad("a length leads beyond the end");
    this.#at = from + length;
    return { tag, content: this.#bytes.subarray(from, this.#at), whole: this.#bytes.subarray(start, this.#at) };
  }

  /** A reader of what is inside. */
  inside(tag: number): DerReader {
    return new DerReader(this.read(tag).content, this.#what);
  }

  into(content: Uint8Array): DerReader {
    return new DerReader(content, this.#what);
  }

  /** Throws when something is left. */
  end(): void {
    if (!this.done) throw this.bad("something stands behind the end");
  }

  oid(): string {
    const { content } = this.read(Tag.oid);
    const arcs: bigint[] = [];
    let arc = 0n;
    let begun = false;
    for (const octet of content) {
      if (!begun && octet === 0x80) throw this.bad("an object id is not in its shortest form");
      arc = (arc << 7n) | BigInt(octet & 127);
      begun = (octet & 128) !== 0;
      if (begun) continue;
      if (arcs.length === 0) {
        const first = arc < 80n ? arc / 40n : 2n;
        arcs.push(first, arc - first * 40n);
      } else arcs.push(arc);
      arc = 0n;
    }
    if (begun || arcs.length === 0 || content.length > 64) throw this.bad("an object id is not well formed");
    return arcs.join(".");
  }

  /** As hexadecimal digits, without leading zeros; negative numbers are refused. */
  positiveInteger(): string {
    const { content } = this.read(Tag.integer);
    const [first, second = 0x80] = content;
    if (first === undefined) throw this.bad("a number is empty");
    if ((first & 0x80) !== 0) throw this.bad("a number is negative");
    if (first === 0 && content.length > 1 && second < 0x80) throw this.bad("a number is not in its shortest form");
    return Buffer.from(content)
      .toString("hex")
      .replace(/^0+(?=.)/, "");
  }

  boolean(): boolean {
    const { content } = this.read(Tag.boolean);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw this.bad("a boolean is not 0 or 255");
    return content[0] === 0xff;
  }

  /** A BIT STRING of whole octets. */
  bits(): Uint8Array {
    const { content } = this.read(Tag.bitString);
    if (content[0] !== 0) throw this.bad("a bit string does not end at an octet");
    return content.subarray(1);
  }

  /** The numbers of the bits that are set. */
  namedBits(): ReadonlySet<number> {
    const { content } = this.read(Tag.bitString);
    const unused = content[0];
    if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0) || content.length > 5) {
      throw this.bad("a bit string is not well formed");
    }
    const set = new Set<number>();
    for (let bit = 0; bit < (content.length - 1) * 8; bit++) {
      if (((content[1 + (bit >> 3)] as number) & (0x80 >> (bit & 7))) !== 0) set.add(bit);
    }
    const last = content[content.length - 1] as number;
    if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) throw this.bad("unused bits are set");
    return set;
  }

  /** UTCTime or GeneralizedTime, to the second and in UTC (RFC 5280, 4.1.2.5); ms since the epoch. */
  time(): number {
    const { tag, content } = this.any();
    const text = Buffer.from(content).toString("latin1");
    const isShort = tag === Tag.utcTime;
    if (!isShort && tag !== Tag.generalizedTime) throw this.bad("a time is neither UTCTime nor GeneralizedTime");
    if (!(isShort ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw this.bad("a time is not written to the second in UTC");
    const full = isShort ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
    const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6.000Z");
    const ms = Date.parse(iso);
    if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw this.bad("a time is not one that exists");
    return ms;
  }

  bad(why: string): Error {
    return CertificateErrors.CERTIFICATE_INVALID({ what: this.#what, why });
  }

  #octet(): number {
    const octet = this.#bytes[this.#at];
    if (octet === undefined) throw this.bad("it ends too early");
    this.#at++;
    return octet;
  }

  #length(): number {
    const first = this.#octet();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw this.bad("a length is indefinite or has more than four octets");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#octet();
    if (length < 0x80 || length < 256 ** (count - 1)) throw this.bad("a length is not in its shortest form");
    return length;
  }
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, "0")}`;
}
