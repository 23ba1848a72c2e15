export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A page of the admin port. `answer` may throw: the reader gets a 500 and the port lives on. */
export interface AdminPage {
  /** `/metrics` */
  readonly path: string;
  /** What is there, in a line, for the index. */
  readonly doc: string;
  answer(query: URLSearchParams): AdminAnswer | Promise<AdminAnswer>;
}

export function jsonAnswer(value: unknown, status = 200): AdminAnswer {
  return { status, contentType: "application/json; charset=utf-8", body: `${JSON.stringify(value, null, 2)}\n` };
}
