/** A JSON value that knows where it stands: offsets count UTF-16 units from the start of its text. */
export type JsonNode =
  | { readonly kind: "object"; readonly at: number; readonly members: readonly JsonMember[] }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "scalar"; readonly at: number; readonly value: string | number | boolean | null };

export interface JsonMember {
  readonly name: string;
  /** Of the name. */
  readonly at: number;
  readonly value: JsonNode;
}

/** What is wrong with a JSON text, and where. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
  readonly at: number;

  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

/** As protobuf's own readers allow. */
const deepest = 100;

/**
 * Reads one JSON value (RFC 8259). Stricter than `JSON.parse` where that loses something: a name that comes twice in an
 * object is a fault, and an integer beyond 2^53 is kept as its digits, which protobuf's JSON takes for 64-bit fields.
 * Throws `JsonFault`.
 */
export function parseJson(text: string): JsonNode {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const blank = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them in a text
const plainText = /[^"\\\u0000-\u001f]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const literals: readonly (readonly [string, boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    this.#match(blank);
    const at = this.#at;
    if (depth > deepest) throw new JsonFault(at, `values are nested deeper than ${deepest}`);
    const first = this.#text[at];
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === '"') return { kind: "scalar", at, value: this.#string() };
    for (const [word, value] of literals) {
      if (!this.#text.startsWith(word, at)) continue;
      this.#at += word.length;
      return { kind: "scalar", at, value };
    }
    const digits = this.#match(number);
    if (digits === "") throw this.#unexpected("a value");
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new JsonFault(at, `${digits.slice(0, 40)} is beyond what a number can hold`);
    const isExact = Number.isSafeInteger(value) || !/^-?\d+$/.test(digits);
    return { kind: "scalar", at, value: isExact ? value : digits };
  }

  end(): void {
    this.#match(blank);
    if (this.#at < this.#text.length) throw this.#unexpected("the end");
  }

  #object(depth: number): JsonNode {
    const at = this.#at++;
    const members: JsonMember[] = [];
    const names = new Set<string>();
    if (this.#take("}")) return { kind: "object", at, members };
    do {
      this.#match(blank);
      const nameAt = this.#at;
      if (this.#text[nameAt] !== '"') throw this.#unexpected("a name in double quotes");
      const name = this.#string();
      if (names.has(name)) throw new JsonFault(nameAt, `${JSON.stringify(name)} is there twice`);
      names.add(name);
      if (!this.#take(":")) throw this.#unexpected('":"');
      members.push({ name, at: nameAt, value: this.value(depth + 1) });
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected('"," or "}"');
    return { kind: "object", at, members };
  }

  #array(depth: number): JsonNode {
    const at = this.#at++;
    const items: JsonNode[] = [];
    if (this.#take("]")) return { kind: "array", at, items };
    do items.push(this.value(depth + 1));
    while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected('"," or "]"');
    return { kind: "array", at, items };
  }

  #string(): string {
    const opened = this.#at++;
    let value = "";
    for (;;) {
      value += this.#match(plainText);
      const next = this.#text[this.#at];
      if (next === undefined) throw new JsonFault(opened, "a text is not closed");
      this.#at++;
      if (next === '"') return value;
      if (next !== "\\") throw new JsonFault(this.#at - 1, "a text holds a control character; write it as an escape");
      value += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? "";
    const plain = escapes[letter];
    if (plain !== undefined) return plain;
    const code = /^[0-9a-fA-F]{4}$/.exec(this.#text.slice(this.#at, this.#at + 4))?.[0];
    if (letter !== "u" || code === undefined) throw new JsonFault(this.#at - 2, `\\${letter} is no escape`);
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  #take(mark: string): boolean {
    this.#match(blank);
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #unexpected(wanted: string): JsonFault {
    const found = this.#text[this.#at];
    const instead = found === undefined ? "the text ends" : `there is ${JSON.stringify(found)}`;
    return new JsonFault(this.#at, `${wanted} is expected, and ${instead}`);
  }
}

/** As `JSON.parse` gives it. */
export function plainJson(node: JsonNode): JsonPlain {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.items.map(plainJson);
  // Own properties all of them, `__proto__` too.
  return Object.fromEntries(node.members.map(({ name, value }) => [name, plainJson(value)]));
}

export type JsonPlain = string | number | boolean | null | JsonPlain[] | { [name: string]: JsonPlain };
