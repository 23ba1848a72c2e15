import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type DocumentLimits, defaultDocumentLimits } from "./limits.js";
import type { Place, Written, WrittenEntry } from "./written.js";

/** What is wrong with a text, a phrase that follows its place, and what to do. */
export interface TextProblem {
  readonly place: Place;
  readonly problem: string;
  readonly fix: string;
}

export type TextReading = { readonly document: Written } | { readonly problems: readonly TextProblem[] };

const start: Place = { line: 1, column: 1 };

/**
 * Reads YAML 1.2, of which JSON is a part. Stops at the limits, so that no text takes more than its share: aliases count
 * for all that they repeat, and one that leads into itself is refused. An empty text is an empty map.
 */
export function readText(text: string, limits: DocumentLimits = defaultDocumentLimits): TextReading {
  const size = Buffer.byteLength(text);
  if (size > limits.maxBytes) {
    return { problems: [{ place: start, problem: `has ${size} bytes`, fix: `keep it to ${limits.maxBytes}` }] };
  }
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const parsed = parseDocument(text.replace(/^\ufeff/, ""), { lineCounter: lines, version: "1.2", merge: false });
    if (parsed.errors.length > 0) {
      const found = parsed.errors.slice(0, limits.maxProblems).map(({ pos, message }) => {
        return {
          place: placeOf(pos[0]),
          problem: `cannot be read: ${firstLine(message)}`,
          fix: "correct the YAML or JSON",
        };
      });
      return { problems: found };
    }
    if (parsed.contents === null) return { document: { kind: "map", place: start, entries: new Map() } };
    return { document: new Walk(limits, placeOf).read(parsed.contents, 1, start) };
  } catch (thrown) {
    if (thrown instanceof Stopped) return { problems: [thrown.found] };
    // Brackets in brackets by the thousand overflow the parser's stack.
    if (!(thrown instanceof RangeError)) throw thrown;
    return {
      problems: [{ place: start, problem: "is nested too deeply", fix: `keep it to ${limits.maxDepth} levels` }],
    };
  }
}

/** The parser's messages end with the place and a picture of the line. */
function firstLine(message: string): string {
  return (message.split("\n")[0] as string).replace(/ at line \d+, column \d+:?$/, "");
}

/** A limit is reached: nothing after it is read. */
class Stopped extends Error {
  readonly found: TextProblem;
  constructor(found: TextProblem) {
    super(found.problem);
    this.found = found;
  }
}

class Walk {
  readonly #limits: DocumentLimits;
  readonly #placeOf: (offset: number) => Place;
  /** Kept here, because the library's own look-up goes through the whole document for each alias. */
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(limits: DocumentLimits, placeOf: (offset: number) => Place) {
    this.#limits = limits;
    this.#placeOf = placeOf;
  }

  read(node: Node | null | undefined, depth: number, near: Place): Written {
    const offset = node?.range?.[0];
    const place = offset === undefined ? near : this.#placeOf(offset);
    if (++this.#values > this.#limits.maxValues) {
      throw new Stopped({ place, problem: "has too many values", fix: `keep it to ${this.#limits.maxValues}` });
    }
    if (node === null || node === undefined) return { kind: "scalar", place, value: null };
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined || this.#open.has(target)) {
        throw new Stopped({ place, problem: "has an alias that leads into itself", fix: "write the value out" });
      }
      return this.read(target, depth, place);
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node.value, place);
    if (depth > this.#limits.maxDepth) {
      throw new Stopped({ place, problem: "is nested too deeply", fix: `keep it to ${this.#limits.maxDepth} levels` });
    }
    this.#open.add(node);
    try {
      if (isSeq(node)) {
        return { kind: "list", place, items: node.items.map((item) => this.read(item as Node, depth + 1, place)) };
      }
      return { kind: "map", place, entries: isMap(node) ? this.#entries(node.items, depth) : new Map() };
    } finally {
      this.#open.delete(node);
    }
  }

  #entries(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    depth: number,
  ): Map<string, WrittenEntry> {
    const entries = new Map<string, WrittenEntry>();
    for (const { key, value } of items) {
      const offset = (key as Node | null)?.range?.[0];
      const place = offset === undefined ? start : this.#placeOf(offset);
      if (!isScalar(key)) throw new Stopped({ place, problem: "has a key that is not a name", fix: "write a name" });
      entries.set(String(key.value), { place, value: this.read(value as Node | null, depth + 1, place) });
    }
    return entries;
  }

  #scalar(value: unknown, place: Place): Written {
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return { kind: "scalar", place, value };
    }
    const fix = "write a text, a number, true or false";
    throw new Stopped({ place, problem: "has a value of a type that settings do not have", fix });
  }
}
