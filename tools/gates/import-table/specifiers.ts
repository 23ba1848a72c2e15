import { type Token, tokenize } from "./tokens.js";

export interface ImportedName {
  /** What stands in quotes; undefined when `import(…)` is given an expression. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/**
 * Everything a file imports: static and dynamic imports, `import type`, `typeof import("…")`, re-exports, `require`,
 * `import.meta.resolve`, module augmentations and `/// <reference>`. Type imports count: a room that knows another's types
 * depends on it.
 */
export function importedNames(source: string): ImportedName[] {
  const tokens = tokenize(source);
  const found = tokens.flatMap((token, index) => {
    if (token.kind !== "word" || isMember(tokens, index)) return [];
    const name = readers[token.text]?.(tokens, index + 1);
    return name ? [{ ...name, line: token.line }] : [];
  });
  return [...referenceComments(source), ...found];
}

/** What the tokens after a word import, if anything. */
type Reader = (tokens: readonly Token[], at: number) => { readonly specifier: string | undefined } | undefined;

const readers: Readonly<Record<string, Reader | undefined>> = Object.assign(Object.create(null), {
  import(tokens, at) {
    if (is(tokens, at, ".")) return is(tokens, at + 3, "resolve") ? calledWith(tokens, at + 4) : undefined;
    if (is(tokens, at, "(")) return calledWith(tokens, at) ?? { specifier: undefined };
    return stringAt(tokens, at) ?? fromClause(tokens, at);
  },
  export(tokens, at) {
    const start = is(tokens, at, "type") ? at + 1 : at;
    return is(tokens, start, "*") || is(tokens, start, "{") ? fromClause(tokens, start) : undefined;
  },
  require(tokens, at) {
    return calledWith(tokens, is(tokens, at, ".") && is(tokens, at + 1, "resolve") ? at + 2 : at);
  },
  module(tokens, at) {
    return stringAt(tokens, at);
  },
} satisfies Record<string, Reader>);

/** `a, { b as c, type D } from "x"`; stops where no import clause can go on. */
function fromClause(tokens: readonly Token[], start: number): { specifier: string } | undefined {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token;
    if (depth === 0 && kind === "word" && text === "from" && tokens[at + 1]?.kind === "string")
      return stringAt(tokens, at + 1);
    // `export { a }` without `from`: what follows is another statement.
    if (depth === 0 && at > start && is(tokens, at - 1, "}") && text !== "from") return undefined;
    if (kind === "punctuation" && !"{},*".includes(text)) return undefined;
    if (kind === "other") return undefined;
    if (text === "{" && kind === "punctuation") depth += 1;
    if (text === "}" && kind === "punctuation") depth -= 1;
  }
  return undefined;
}

function calledWith(tokens: readonly Token[], at: number): { specifier: string } | undefined {
  const isWhole = is(tokens, at + 2, ")") || is(tokens, at + 2, ",");
  return is(tokens, at, "(") && isWhole ? stringAt(tokens, at + 1) : undefined;
}

function stringAt(tokens: readonly Token[], at: number): { specifier: string } | undefined {
  const token = tokens[at];
  return token?.kind === "string" ? { specifier: token.text } : undefined;
}

function is(tokens: readonly Token[], at: number, text: string): boolean {
  const token = tokens[at];
  return token !== undefined && token.kind !== "string" && token.text === text;
}

/** `loader.import(…)` is a method of that name, and `{ import: … }` a key; `...import(…)` is an import. */
function isMember(tokens: readonly Token[], index: number): boolean {
  if (is(tokens, index + 1, ":")) return true;
  return is(tokens, index - 1, ".") && !is(tokens, index - 2, ".");
}

function referenceComments(source: string): ImportedName[] {
  return source.split("\n").flatMap((text, index) => {
    const specifier = text.match(/^\s*\/\/\/\s*<reference\s+(?:types|path)\s*=\s*["']([^"']+)["']/)?.[1];
    return specifier ? [{ specifier, line: index + 1 }] : [];
  });
}
