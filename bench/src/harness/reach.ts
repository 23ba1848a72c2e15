import type { Row } from "./bench.js";

/** What a bench requires of a value. */
export interface Required {
  readonly case: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** One of the two. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly note?: string;
}

/** The row of a value that something is required of; its note says what, and whether it is met. */
export function reach({ atLeast, atMost, note, ...row }: Required): Omit<Row, "bench"> {
  const met = row.value >= (atLeast ?? Number.NEGATIVE_INFINITY) && row.value <= (atMost ?? Number.POSITIVE_INFINITY);
  const wanted = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  const said = `reach: ${wanted} ${row.unit}: ${met ? "met" : "not met"}`;
  return { ...row, subject: "sampan", note: note === undefined ? said : `${said}; ${note}` };
}
