import type { OutgoingHttpHeaders } from "node:http";

/** An HTTP response, ready to be sent. */
export interface Answer {
  readonly status: number;
  /** Without `content-length`, which follows from the body. */
  readonly headers: OutgoingHttpHeaders;
  /** Undefined for an answer that has none, such as 204. */
  readonly body: Buffer | undefined;
}

export function jsonAnswer(status: number, headers: OutgoingHttpHeaders, json: string): Answer {
  return { status, headers: { ...headers, "content-type": "application/json" }, body: Buffer.from(json) };
}
