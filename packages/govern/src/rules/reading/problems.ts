export type Path = readonly (string | number)[];

/** Something wrong with a rule document, where, and what to do about it. */
export interface RuleProblem {
  /** `rules[0].limit.rate`; empty for the document as a whole. */
  readonly path: string;
  /** From 1. Of the value, or of what holds it when it is missing. */
  readonly line: number;
  readonly column: number;
  readonly why: string;
  readonly fix: string;
  /** Whether the JSON Schema alone cannot see it: a range of durations, a contradiction. */
  readonly beyondSchema: boolean;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Collects problems while a document is read; `positionOf` finds where a path, or the nearest above it, was written. */
export class Problems {
  readonly list: RuleProblem[] = [];
  readonly #positionOf: (path: Path, key: boolean) => Position;
  readonly #max: number;

  constructor(max: number, positionOf: (path: Path, key: boolean) => Position) {
    this.#max = max;
    this.#positionOf = positionOf;
  }

  add(path: Path, why: string, fix: string, how: { beyondSchema?: boolean; atKey?: boolean } = {}): void {
    if (this.list.length >= this.#max) return;
    const { line, column } = this.#positionOf(path, how.atKey ?? false);
    this.list.push({ path: pathText(path), line, column, why, fix, beyondSchema: how.beyondSchema ?? false });
  }
}

export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** One line, as compilers write it: `rules.yaml:3:5: rules[0].limit.rate: why; fix`. */
export function problemText(file: string, { path, line, column, why, fix }: RuleProblem): string {
  return `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${why}; ${fix}`;
}
