/**
 * A pattern with `*` for any characters, ready to test. The longer its literal part, the more specific; without `*` it is
 * more specific than any with.
 */
export interface Pattern {
  readonly text: string;
  readonly specificity: number;
  matches(value: string): boolean;
}

/** What a list without patterns counts: it says nothing about the attribute. */
export const unspecific = -1;
const exact = 1_000_000;

export function patternOf(text: string): Pattern {
  const parts = text.split("*");
  if (parts.length === 1) return { text, specificity: exact, matches: (value) => value === text };
  return { text, specificity: text.length - (parts.length - 1), matches: (value) => globMatches(parts, value) };
}

/** Greedy from the left, which is enough for `*`; never looks back, so no value makes it slow. */
function globMatches(parts: readonly string[], value: string): boolean {
  const first = parts[0] as string;
  const last = parts[parts.length - 1] as string;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  const end = value.length - last.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i] as string;
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Of a list the most specific pattern that matches; undefined when none does, `unspecific` for an empty list. */
export function bestMatch(patterns: readonly Pattern[], value: string): number | undefined {
  if (patterns.length === 0) return unspecific;
  let best: number | undefined;
  for (const pattern of patterns) {
    if ((best === undefined || pattern.specificity > best) && pattern.matches(value)) best = pattern.specificity;
  }
  return best;
}

/** Whether some value matches both. */
export function intersect(a: string, b: string): boolean {
  // reachable[j]: the first i characters of a and the first j of b can stand for the same text.
  let reachable: boolean[] = Array.from({ length: b.length + 1 }, () => false);
  for (let i = 0; i <= a.length; i++) {
    const next: boolean[] = [];
    for (let j = 0; j <= b.length; j++) {
      const x = a[i - 1];
      const y = b[j - 1];
      next.push(
        (i === 0 && j === 0) ||
          (i > 0 && x === "*" && (reachable[j] as boolean)) ||
          (j > 0 && y === "*" && (next[j - 1] as boolean)) ||
          (i > 0 && j > 0 && x === "*" && (next[j - 1] as boolean)) ||
          (i > 0 && j > 0 && y === "*" && (reachable[j] as boolean)) ||
          (i > 0 && j > 0 && x === y && (reachable[j - 1] as boolean)),
      );
    }
    reachable = next;
  }
  return reachable[b.length] as boolean;
}
