import type { IncomingHttpHeaders } from "node:http";
import { GatewayErrors } from "../errors.js";

/**
 * Throws `UNSUPPORTED_MEDIA_TYPE` unless the headers announce JSON in UTF-8, not compressed. A body without a content
 * type is refused too: a web page may send one to another site without asking, but not `application/json`.
 */
export function requireJson(headers: IncomingHttpHeaders): void {
  requirePlain(headers);
  const sent = headers["content-type"];
  // The exact values first: every mini program sends one of them.
  if (sent === "application/json" || sent === "application/json; charset=utf-8") return;
  if (sent === undefined) throw GatewayErrors.UNSUPPORTED_MEDIA_TYPE({ sent: "without a content type" });
  const [type, ...parameters] = sent.toLowerCase().split(";");
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith("charset="));
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type?.trim() !== "application/json" || !utf8) throw GatewayErrors.UNSUPPORTED_MEDIA_TYPE({ sent });
}

/** Throws `UNSUPPORTED_MEDIA_TYPE` for a compressed body: what it unpacks to would escape the size limit. */
export function requirePlain(headers: IncomingHttpHeaders): void {
  const coding = headers["content-encoding"];
  if (coding !== undefined && coding !== "identity")
    throw GatewayErrors.UNSUPPORTED_MEDIA_TYPE({ sent: `encoded as ${coding}` });
}
