/** What somebody meant by a name that does not exist: the candidate with the fewest typing errors, if they are few. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  // A third of the letters wrong is another word.
  let best = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    const folded = fold(candidate);
    if (Math.abs(folded.length - wanted.length) >= best) continue;
    const errors = typingErrors(wanted, folded);
    if (errors < best) {
      best = errors;
      found = candidate;
    }
  }
  return found;
}

/** Names are compared without what their spelling in a flag, a variable and a file differs in. */
function fold(name: string): string {
  return name.slice(0, 200).toLowerCase().replace(/[-_.]/g, "");
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
function typingErrors(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let errors = Math.min(
        (above[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (above[column - 1] as number) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        errors = Math.min(errors, (before[column - 2] as number) + 1);
      }
      current.push(errors);
    }
    before = above;
    above = current;
  }
  return above[b.length] as number;
}
