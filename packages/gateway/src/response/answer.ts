import type { OutgoingHttpHeaders } from "node:http";

/** An HTTP response, ready to be sent. */
export interface Answer {
  readonly status: number;
  /** Without `content-length`, which follows from the body. Whoever sends the answer adds its own to this object. */
  readonly headers: OutgoingHttpHeaders;
  /** Undefined for an answer that has none, such as 204. */
  readonly body: Buffer | string | undefined;
}

// Hot path: the text stays a string, because Node then sends headers and body in one write; a buffer would make two.
export function jsonAnswer(status: number, headers: OutgoingHttpHeaders, json: string): Answer {
  headers["content-type"] = "application/json";
  return { status, headers, body: json };
}
