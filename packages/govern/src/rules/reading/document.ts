import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Document as Parsed, parseDocument } from "yaml";
import type { RuleLimits } from "../limits.js";
import { type Path, type Position, Problems, pathText } from "./problems.js";

/** The value of a document, and what was wrong with its text. */
export interface WrittenDocument {
  /** Maps as objects without a prototype's names; undefined when the text could not be read. */
  readonly value: unknown;
  readonly problems: Problems;
}

/**
 * Reads YAML 1.2, of which JSON is a part. Stops at the limits, so that no text takes more than its share: aliases
 * count for all that they repeat, and one that leads into itself is refused.
 */
export function readDocument(text: string, limits: RuleLimits): WrittenDocument {
  const start: Position = { line: 1, column: 1 };
  const size = Buffer.byteLength(text);
  if (size > limits.maxBytes) {
    const problems = new Problems(limits.maxProblems, () => start);
    problems.add([], `the document has ${size} bytes`, `keep it to ${limits.maxBytes}`, { beyondSchema: true });
    return { value: undefined, problems };
  }
  const lines = new LineCounter();
  const walk = new Walk(limits, lines);
  let parsed: Parsed.Parsed;
  try {
    parsed = parseDocument(text, { lineCounter: lines, version: "1.2", merge: false, stringKeys: false });
  } catch (thrown) {
    // Brackets in brackets by the thousand overflow the parser's stack.
    if (!(thrown instanceof RangeError)) throw thrown;
    walk.problems.add([], "is nested too deeply", `keep it to ${limits.maxDepth} levels`, { beyondSchema: true });
    return { value: undefined, problems: walk.problems };
  }
  if (parsed.errors.length > 0) {
    for (const error of parsed.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      walk.positions.set("", { value: { line, column: col } });
      walk.problems.add([], firstLine(error.message), "correct the YAML or JSON", { beyondSchema: true });
    }
    return { value: undefined, problems: walk.problems };
  }
  const value = walk.read(parsed.contents, []);
  return { value: walk.problems.list.length > 0 ? undefined : value, problems: walk.problems };
}

/** The parser's messages end with the place and a picture of the line, which the problem has already. */
function firstLine(message: string): string {
  return (message.split("\n")[0] as string).replace(/ at line \d+, column \d+:?$/, "");
}

interface Written {
  readonly value: Position;
  readonly key?: Position;
}

class Walk {
  readonly positions = new Map<string, Written>();
  readonly problems: Problems;
  readonly #limits: RuleLimits;
  readonly #lines: LineCounter;
  readonly #open = new Set<Node>();
  readonly #anchors = new Map<string, Node>();
  #repeating = 0;
  #values = 0;
  #stopped = false;

  constructor(limits: RuleLimits, lines: LineCounter) {
    this.#limits = limits;
    this.#lines = lines;
    this.problems = new Problems(limits.maxProblems, (path, key) => this.#find(path, key));
  }

  read(node: Node | null | undefined, path: Path, key?: Node): unknown {
    if (this.#stopped) return null;
    this.#place(path, node, key);
    if (++this.#values > this.#limits.maxValues) {
      this.#stop(path, "the document has too many values", `keep it to ${this.#limits.maxValues}`);
      return null;
    }
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined || this.#open.has(target)) {
        this.#stop(path, "the alias leads into itself", "write the value out");
        return null;
      }
      this.#repeating++;
      const value = this.read(target, path, key);
      this.#repeating--;
      return value;
    }
    // Kept here, because the library's own look-up goes through the whole document for each alias.
    if (node.anchor !== undefined && this.#repeating === 0) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node.value, path);
    // As deep as the path is long, and the collection itself.
    if (path.length + 1 > this.#limits.maxDepth) {
      this.#stop(path, "is nested too deeply", `keep it to ${this.#limits.maxDepth} levels`);
      return null;
    }
    this.#open.add(node);
    try {
      if (isSeq(node)) return node.items.map((item, index) => this.read(item as Node, [...path, index]));
      if (!isMap(node)) return null;
      const value: Record<string, unknown> = {};
      for (const { key: name, value: item } of node.items) {
        const text = isScalar(name) ? String(name.value) : undefined;
        if (text === undefined) {
          this.problems.add(path, "has a key that is not a name", "write a name", { beyondSchema: true });
          continue;
        }
        const read = this.read(item as Node | null, [...path, text], name as Node);
        // Defined rather than assigned, so that __proto__ is a name like any other.
        Object.defineProperty(value, text, { value: read, enumerable: true, writable: true, configurable: true });
      }
      return value;
    } finally {
      this.#open.delete(node);
    }
  }

  #scalar(value: unknown, path: Path): unknown {
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
    this.problems.add(path, `is of a type that rules do not have`, "write a text, number, true or false", {
      beyondSchema: true,
    });
    return null;
  }

  #stop(path: Path, why: string, fix: string): void {
    this.#stopped = true;
    this.problems.add(path, why, fix, { beyondSchema: true });
  }

  #place(path: Path, node: Node | null | undefined, key?: Node): void {
    const keyAt = this.#at(key);
    const value = this.#at(node) ?? keyAt;
    if (value === undefined) return;
    this.positions.set(pathText(path), keyAt === undefined ? { value } : { value, key: keyAt });
  }

  #at(node: Node | null | undefined): Position | undefined {
    const offset = node?.range?.[0];
    if (offset === undefined) return undefined;
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** Of the path, or of the nearest above it that was written. */
  #find(path: Path, key: boolean): Position {
    for (let length = path.length; length >= 0; length--) {
      const written = this.positions.get(pathText(path.slice(0, length)));
      if (written !== undefined) return key ? (written.key ?? written.value) : written.value;
    }
    return { line: 1, column: 1 };
  }
}
