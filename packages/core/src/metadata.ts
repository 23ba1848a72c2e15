/** A metadata value: text, or bytes when the key ends in `-bin`. */
export type MetadataValue = string | Uint8Array;

const keyPattern = /^[0-9a-z_.-]+$/;
/** Printable ASCII, as the gRPC wire format allows in ASCII-Value. */
const textPattern = /^[\x20-\x7e]*$/;

/**
 * Headers or trailers of a call: ordered pairs, several values a key allowed. Keys are lower case; a key that ends in
 * `-bin` holds bytes, every other printable ASCII text (gRPC over HTTP/2, "Custom-Metadata").
 *
 * Throws `TypeError` for a key or value that could not be sent.
 */
export class Metadata implements Iterable<readonly [string, MetadataValue]> {
  // One flat list: most calls carry none to three pairs, for which a scan beats a map.
  #keys: string[] = [];
  #values: MetadataValue[] = [];

  /** From pairs, or from an object whose values may be lists. */
  static of(
    init:
      | Iterable<readonly [string, MetadataValue]>
      | Readonly<Record<string, MetadataValue | readonly MetadataValue[]>>,
  ): Metadata {
    const metadata = new Metadata();
    if (Symbol.iterator in init) {
      for (const [key, value] of init as Iterable<readonly [string, MetadataValue]>) metadata.append(key, value);
    } else {
      for (const [key, value] of Object.entries(init)) {
        if (Array.isArray(value)) for (const each of value as MetadataValue[]) metadata.append(key, each);
        else metadata.append(key, value as MetadataValue);
      }
    }
    return metadata;
  }

  /** The same pairs, to be changed on their own. */
  copy(): Metadata {
    const metadata = new Metadata();
    metadata.#keys = this.#keys.slice();
    metadata.#values = this.#values.slice();
    return metadata;
  }

  /** Adds every pair of another, which is checked already. */
  appendAll(other: Metadata): this {
    this.#keys.push(...other.#keys);
    this.#values.push(...other.#values);
    return this;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The first value of a text key. */
  get(key: string): string | undefined {
    const value = this.#values[this.#keys.indexOf(key)];
    return typeof value === "string" ? value : undefined;
  }

  /** The first value of a `-bin` key. */
  getBytes(key: string): Uint8Array | undefined {
    const value = this.#values[this.#keys.indexOf(key)];
    return typeof value === "object" ? value : undefined;
  }

  getAll(key: string): MetadataValue[] {
    return this.#values.filter((_, i) => this.#keys[i] === key);
  }

  has(key: string): boolean {
    return this.#keys.includes(key);
  }

  append(key: string, value: MetadataValue): this {
    check(key, value);
    this.#keys.push(key);
    this.#values.push(value);
    return this;
  }

  /** Replaces every value of the key. */
  set(key: string, value: MetadataValue): this {
    check(key, value);
    this.delete(key);
    this.#keys.push(key);
    this.#values.push(value);
    return this;
  }

  delete(key: string): boolean {
    let found = false;
    for (let i = this.#keys.length - 1; i >= 0; i--) {
      if (this.#keys[i] !== key) continue;
      this.#keys.splice(i, 1);
      this.#values.splice(i, 1);
      found = true;
    }
    return found;
  }

  *[Symbol.iterator](): Iterator<readonly [string, MetadataValue]> {
    for (let i = 0; i < this.#keys.length; i++) yield [this.#keys[i] as string, this.#values[i] as MetadataValue];
  }
}

function check(key: string, value: MetadataValue): void {
  if (!keyPattern.test(key)) {
    throw new TypeError(`metadata key ${JSON.stringify(key)}: use lower-case letters, digits, "-", "_" and "."`);
  }
  if (key.endsWith("-bin")) {
    if (!(value instanceof Uint8Array)) throw new TypeError(`metadata ${key}: a key that ends in -bin takes bytes`);
  } else if (typeof value !== "string" || !textPattern.test(value)) {
    throw new TypeError(`metadata ${key}: the value must be printable ASCII; use a key that ends in -bin for the rest`);
  }
}
