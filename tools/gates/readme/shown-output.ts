/** What differs from run to run in the same place: each is compared by its form. */
const volatile: readonly RegExp[] = [
  // A time of day.
  /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/,
  // A trace id.
  /\b[0-9a-f]{32}\b/,
  // An id of ours.
  /\b[0-9a-hjkmnp-tv-z]{26}\b/,
  // A duration, with the spaces that line it up.
  / *\d+(?:\.\d+)? m?s\b/,
];

/**
 * Whether a command printed what a README shows, wherever in its output. Times, ids and durations are the same when their form
 * is, and `…` stands for anything that was left out.
 */
export function printsWhatIsShown(shown: string, printed: string): boolean {
  const pieces = shown.trim().split("…").map(formOf);
  return new RegExp(pieces.join("[\\s\\S]*?")).test(printed);
}

function formOf(text: string): string {
  const forms = new RegExp(volatile.map(({ source }) => `(${source})`).join("|"), "g");
  let form = "";
  let at = 0;
  for (const match of text.matchAll(forms)) {
    const kind = match.slice(1).findIndex((group) => group !== undefined);
    form += escaped(text.slice(at, match.index)) + (volatile[kind] as RegExp).source;
    at = match.index + match[0].length;
  }
  return form + escaped(text.slice(at));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
