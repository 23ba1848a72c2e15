/**
 * A path template of `google.api.http`, parsed:
 *
 *     Template = "/" Segments [ ":" LITERAL ]        Segment  = "*" | "**" | LITERAL | Variable
 *     Segments = Segment { "/" Segment }             Variable = "{" FieldPath [ "=" Segments ] "}"
 *
 * `*` is one segment that is not empty; `**` is all that is left, also nothing, and only stands last; `{x}` is `{x=*}`;
 * variables do not nest. (googleapis `google/api/http.proto`.)
 */
export interface Template {
  readonly source: string;
  readonly segments: readonly Segment[];
  readonly variables: readonly Variable[];
  /** What follows the last colon, such as `cancel`; empty for most. */
  readonly verb: string;
}

/** A literal text, one segment, or the rest of the path. */
export type Segment = { readonly literal: string } | typeof star | typeof rest;

export interface Variable {
  /** `order_id`, `address.city` */
  readonly fieldPath: string;
  /** The segments that it covers: from `start` up to, not including, `end`; to the end of the path for `**`. */
  readonly start: number;
  readonly end: number;
  /** Written with several segments or `**`: an encoded slash in its value stays encoded. */
  readonly multi: boolean;
}

export const star = "*" as const;
export const rest = "**" as const;

/** Throws `SyntaxError` with the position. */
export function parseTemplate(source: string): Template {
  return new TemplateParser(source).parse();
}

// Path characters of RFC 3986 without those that the grammar uses and without "%": literals are compared as they are.
const literalCharacter = /[A-Za-z0-9\-._~!$&'()+,;@]/;
const fieldPath = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

class TemplateParser {
  readonly #source: string;
  #at = 0;
  readonly #segments: Segment[] = [];
  readonly #variables: Variable[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Template {
    this.#expect("/");
    this.#parseSegments(false);
    let verb = "";
    if (this.#take(":")) verb = this.#literal();
    if (this.#at < this.#source.length) this.#fail(`"${this.#source[this.#at]}" is not expected here`);
    return { source: this.#source, segments: this.#segments, variables: this.#variables, verb };
  }

  #parseSegments(inVariable: boolean): void {
    do {
      if (this.#segments.at(-1) === rest) this.#fail("** must be the last segment");
      if (this.#take("**")) this.#segments.push(rest);
      else if (this.#take("*")) this.#segments.push(star);
      else if (this.#source[this.#at] !== "{") this.#segments.push({ literal: this.#literal() });
      else if (inVariable) this.#fail("variables do not nest");
      else this.#variable();
    } while (this.#take("/"));
  }

  #variable(): void {
    this.#expect("{");
    const from = this.#at;
    while (this.#at < this.#source.length && !"=}".includes(this.#source[this.#at] as string)) this.#at++;
    const name = this.#source.slice(from, this.#at);
    if (!fieldPath.test(name)) this.#fail(`"${name}" is not a field path`);
    if (this.#variables.some((other) => other.fieldPath === name)) this.#fail(`${name} is bound twice`);
    const start = this.#segments.length;
    if (this.#take("=")) this.#parseSegments(true);
    else this.#segments.push(star);
    this.#expect("}");
    const toEnd = this.#segments.at(-1) === rest;
    const end = toEnd ? Number.POSITIVE_INFINITY : this.#segments.length;
    this.#variables.push({ fieldPath: name, start, end, multi: toEnd || end - start > 1 });
  }

  #literal(): string {
    const from = this.#at;
    while (this.#at < this.#source.length && literalCharacter.test(this.#source[this.#at] as string)) this.#at++;
    if (this.#at === from) this.#fail("a segment is missing");
    return this.#source.slice(from, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail(`"${text}" is expected`);
  }

  #fail(why: string): never {
    throw new SyntaxError(`${this.#source}: ${why} (at ${this.#at})`);
  }
}
