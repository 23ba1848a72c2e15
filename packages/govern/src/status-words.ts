import { Code } from "@sampan/core";

const statuses: readonly (readonly [string, Code])[] = Object.entries(Code)
  .filter(([name]) => name !== "OK")
  .map(([name, code]) => [wordOf(name), code]);

/** Status codes as rules write them: `deadline-exceeded`. OK is none of them: no rule acts on it. */
export const statusWords: readonly string[] = statuses.map(([word]) => word);

/** A set of status codes as bits, so that asking costs a shift and an AND. */
export type StatusSet = number;

/** Words that are no status are left out: the rule reader has refused them already. */
export function statusSet(words: readonly string[]): StatusSet {
  return statuses.reduce((set, [word, code]) => (words.includes(word) ? set | (1 << code) : set), 0);
}

export function hasStatus(set: StatusSet, code: Code): boolean {
  return ((set >> code) & 1) === 1;
}

/** `DeadlineExceeded` as `deadline-exceeded`. */
function wordOf(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
