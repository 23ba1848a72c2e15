/**
 * A gate is a check over the whole repository that a compiler or a unit test cannot make. It reads a tree and returns what is
 * wrong with it; it changes nothing in that tree. Taking the root as an argument is what lets each gate's own test seed a
 * violation in a small tree and see it found.
 */
export interface Gate {
  /** As in `npm run gates -- <name>`. */
  readonly name: string;
  /** One line for a reader of the list. */
  readonly purpose: string;
  /** Rejects only when the check itself could not run; a broken tree is findings. */
  find(root: string): Promise<readonly Finding[]> | readonly Finding[];
  /** Figures worth printing even when nothing is wrong. */
  measure?(root: string): string;
}

export interface Finding {
  /** From the root, with forward slashes. */
  readonly file: string;
  /** From 1; absent when the file as a whole is meant. */
  readonly line?: number | undefined;
  readonly problem: string;
  /** What to do about it, as an instruction. */
  readonly fix: string;
}

export function formatFinding({ file, line, problem, fix }: Finding): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${problem}\n    fix: ${fix}`;
}
