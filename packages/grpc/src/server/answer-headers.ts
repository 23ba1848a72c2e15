import { HeaderTemplate } from "@sampan/h2";
import { acceptedEncodings } from "../wire/gzip.js";

/** Constant header blocks: after their first use on a connection each is a few octets that are copied. */
const head = [":status", "200", "content-type", "application/grpc", "grpc-accept-encoding", acceptedEncodings];

export const responseHeaders: HeaderTemplate = new HeaderTemplate(head);
export const gzipResponseHeaders: HeaderTemplate = new HeaderTemplate([...head, "grpc-encoding", "gzip"]);
export const okTrailers: HeaderTemplate = new HeaderTemplate(["grpc-status", "0"]);
/** Before per-call fields that begin with grpc-status. */
export const noFields: HeaderTemplate = new HeaderTemplate([]);

const refusals = new Map<number, HeaderTemplate>();

export function refusalHeaders(status: number): HeaderTemplate {
  let template = refusals.get(status);
  if (template === undefined) {
    template = new HeaderTemplate([":status", String(status)]);
    refusals.set(status, template);
  }
  return template;
}
