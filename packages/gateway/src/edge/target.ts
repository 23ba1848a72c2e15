/** The request target in two parts, both still encoded; the query without its question mark. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Origin form, absolute form (RFC 9112 section 3.2) or `*`. */
export function targetOf(url: string): Target {
  const origin = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "");
  const mark = origin.indexOf("?");
  return mark < 0 ? { path: origin, query: "" } : { path: origin.slice(0, mark), query: origin.slice(mark + 1) };
}
