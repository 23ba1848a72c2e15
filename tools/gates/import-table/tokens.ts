/**
 * Splits TypeScript into just enough tokens to find imports in it: comments are gone, and a quote or a slash inside a string,
 * template or regular expression cannot be taken for code. It accepts any text and never throws.
 */
export interface Token {
  readonly kind: "word" | "string" | "punctuation" | "other";
  /** Of a string: what stands between its quotes, escapes as written. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const identifierPattern = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy;
const numberPattern = /\.?\d[\w.]*/y;
/** A class in brackets may hold an unescaped slash. */
const regexPattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;

/** After these words a slash begins a regular expression; after any other word it divides. */
const wordsBeforeRegex = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "else",
  "do",
  "await",
  "yield",
]);

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  /** One entry for each open `${`: how many braces inside it are open. */
  const templates: number[] = [];

  const push = (kind: Token["kind"], text: string): void => {
    tokens.push({ kind, text, line });
  };
  const advance = (to: number): void => {
    for (let i = source.indexOf("\n", at); i !== -1 && i < to; i = source.indexOf("\n", i + 1)) line += 1;
    at = to;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };

  /** From after a backtick, or after the `}` of a substitution, to the next of either. */
  const template = (): void => {
    let end = at;
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end))
      end += source[end] === "\\" ? 2 : 1;
    const opens = source.startsWith("${", end);
    // A template without substitutions is as good as a string: import(`./x.js`).
    const whole = !opens && source[at - 1] === "`";
    push(whole ? "string" : "other", whole ? source.slice(at, end) : "`");
    advance(Math.min(source.length, end + (opens ? 2 : 1)));
    if (opens) templates.push(0);
  };

  while (at < source.length) {
    const char = source[at] ?? "";
    if (/\s/.test(char)) {
      advance(at + 1);
    } else if (source.startsWith("//", at) || source.startsWith("#!", at)) {
      const end = source.indexOf("\n", at);
      advance(end === -1 ? source.length : end);
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      advance(end === -1 ? source.length : end + 2);
    } else if (char === '"' || char === "'") {
      const end = stringEnd(source, at);
      push("string", source.slice(at + 1, end));
      advance(end + 1);
    } else if (char === "`") {
      advance(at + 1);
      template();
    } else if (char === "/" && slashBeginsRegex(tokens.at(-1)) && match(regexPattern)) {
      const text = match(regexPattern) ?? char;
      push("other", text);
      advance(at + text.length);
    } else if (match(identifierPattern)) {
      const text = match(identifierPattern) ?? char;
      push("word", text);
      advance(at + text.length);
    } else if (match(numberPattern)) {
      const text = match(numberPattern) ?? char;
      push("other", text);
      advance(at + text.length);
    } else if (char === "}" && templates.at(-1) === 0) {
      templates.pop();
      advance(at + 1);
      template();
    } else {
      const depth = templates.length - 1;
      if (depth >= 0 && (char === "{" || char === "}"))
        templates[depth] = (templates[depth] ?? 0) + (char === "{" ? 1 : -1);
      push("punctuation", char);
      advance(at + 1);
    }
  }
  return tokens;
}

/** A string ends at its quote, or at the line's end when it was none (an apostrophe in JSX text). */
function stringEnd(source: string, start: number): number {
  const quote = source[start];
  let end = start + 1;
  while (end < source.length && source[end] !== quote && source[end] !== "\n") end += source[end] === "\\" ? 2 : 1;
  return Math.min(end, source.length);
}

function slashBeginsRegex(previous: Token | undefined): boolean {
  if (!previous) return true;
  if (previous.kind === "word") return wordsBeforeRegex.has(previous.text);
  return previous.kind === "punctuation" && !")]}".includes(previous.text);
}
