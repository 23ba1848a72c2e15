/**
 * The raw text of a member of a JSON object, exactly as it was sent; undefined when there is none at the top level, or
 * more than one of this name. The gateway signs the text of its response node, which parsing and writing again would
 * change (escapes, order, spaces). Takes text that `JSON.parse` has accepted as an object.
 */
export function jsonMember(text: string, name: string): string | undefined {
  let found: string | undefined;
  let at = text.indexOf("{") + 1;
  for (;;) {
    at = afterSpace(text, at);
    if (text[at] === ",") at = afterSpace(text, at + 1);
    if (text[at] !== '"') return found;
    const keyEnd = afterString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const start = afterSpace(text, afterSpace(text, keyEnd) + 1);
    const end = afterValue(text, start);
    if (key === name) {
      if (found !== undefined) return undefined;
      found = text.slice(start, end);
    }
    at = end;
  }
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

function afterString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function afterValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = afterString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      // The end of the outer object, behind a number or a literal.
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || /\s/.test(character ?? ""))) return at;
    at++;
  }
  return at;
}
