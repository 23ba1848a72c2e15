/** What somebody meant by a name that does not exist: the candidate with the fewest typing errors, if they are few. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  // A third of the letters wrong is another word.
  let best = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    const errors = typingErrors(wanted, fold(candidate), best);
    if (errors < best) {
      best = errors;
      found = candidate;
    }
  }
  return found;
}

/** Compared without case and joints: `max_wait`, `max-wait` and `maxWait` are one word to the person who types it. */
function fold(name: string): string {
  return name
    .slice(0, 64)
    .toLowerCase()
    .replace(/[-_.\s]/g, "");
}

/** Levenshtein distance; `enough` or more is not told apart. */
function typingErrors(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const replaced = (above[column - 1] as number) + same;
      current.push(Math.min((above[column] as number) + 1, (current[column - 1] as number) + 1, replaced));
    }
    above = current;
  }
  return above[b.length] as number;
}
