// JSON escapes what is below U+0020. The rest of what can move a terminal's cursor, end a line for some reader or
// reorder what is shown is escaped here: DEL and C1 controls, line and paragraph separators, bidirectional controls
// (Unicode TR36, "Trojan Source"), and the byte order mark.
const risky = "\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff";
const plain = /^[\w .,:;/@+=()-]*$/;
const first = new RegExp(`[${risky}]`);
const every = new RegExp(`[${risky}]`, "g");
const everyControl = new RegExp(`[\\u0000-\\u001f${risky}]`, "g");

/** A JSON string of printable characters in one line; it parses back to the same text. */
export function quote(text: string): string {
  // Hot path: most texts are a few plain characters, for which one test is a third of the cost of JSON.stringify.
  if (text.length < 64 && plain.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return first.test(json) ? json.replace(every, escapeOne) : json;
}

/** Text for a terminal: without quotes, in one line, with every control character written out. */
export function printable(text: string): string {
  return text.replace(everyControl, escapeOne);
}

/** The beginning of a long text, with how much is missing. */
export function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…[${text.length - limit} more]`;
}

function escapeOne(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
