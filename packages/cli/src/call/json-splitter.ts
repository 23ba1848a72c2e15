/** The text of one JSON value, and where it starts in what it was taken from; both from 1. */
export interface JsonText {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Cuts a stream of JSON values (one behind the other, with or without white space between) into its values, each as
 * soon as it is complete. Looks at brackets and quotes only: whether a value is well formed is for its reader, who gets
 * what is out of place as a text of its own. A number or a word ends at the next white space, or at the end.
 *
 * `undefined` from `push` says that one value has more than `limit` characters; nothing may be pushed then.
 */
export class JsonSplitter {
  readonly #limit: number;
  #held = "";
  #scanned = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** Where `#held` starts. */
  #line = 1;
  #column = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: string): readonly JsonText[] | undefined {
    this.#held += chunk;
    const found: JsonText[] = [];
    while (this.#scanned < this.#held.length) {
      const length = this.#step(this.#held[this.#scanned] as string);
      if (length > this.#limit || this.#scanned > this.#limit) return undefined;
      if (length > 0) found.push(this.#cut(length));
    }
    return found;
  }

  /** The rest, which may be half a value; undefined when there is none. */
  end(): JsonText | undefined {
    return this.#held === "" ? undefined : this.#cut(this.#held.length);
  }

  /** Takes in the next character; gives the length of the value that is complete with or before it, or 0. */
  #step(character: string): number {
    const at = this.#scanned++;
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (character === "\\") this.#escaped = true;
      else if (character === '"') {
        this.#inText = false;
        if (this.#depth === 0) return at + 1;
      }
      return 0;
    }
    const isBlank = character === " " || character === "\t" || character === "\n" || character === "\r";
    if (this.#depth > 0) {
      if (character === '"') this.#inText = true;
      else if (character === "{" || character === "[") this.#depth++;
      else if ((character === "}" || character === "]") && --this.#depth === 0) return at + 1;
      return 0;
    }
    if (isBlank) {
      if (at > 0) return at;
      this.#drop(1);
      return 0;
    }
    const opens = character === "{" || character === "[" || character === '"';
    if (opens && at > 0) return at;
    if (character === '"') this.#inText = true;
    else if (opens) this.#depth = 1;
    return 0;
  }

  #cut(length: number): JsonText {
    const { text, line, column } = { text: this.#held.slice(0, length), line: this.#line, column: this.#column };
    this.#drop(length);
    return { text, line, column };
  }

  #drop(length: number): void {
    const { line, column } = positionIn(this.#held, length, this.#line, this.#column);
    this.#line = line;
    this.#column = column;
    this.#held = this.#held.slice(length);
    this.#scanned = 0;
  }
}

/** Line and column of an offset in a text that starts at the given place. */
export function positionIn(
  text: string,
  offset: number,
  line = 1,
  column = 1,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  if (lastBreak < 0) return { line, column: column + offset };
  return { line: line + before.split("\n").length - 1, column: offset - lastBreak };
}
