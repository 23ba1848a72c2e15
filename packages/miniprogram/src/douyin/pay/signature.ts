import { createHash, timingSafeEqual } from "node:crypto";

/** Not signed: who asks, and the signature itself. */
const unsigned = new Set(["app_id", "thirdparty_id", "sign", "other_settle_params"]);

/**
 * How ecpay requests are signed: the values (not the names) of all signed fields and the salt, each trimmed and without
 * the quotes around it, without empty ones and `null`, sorted by their bytes, joined by `&`; MD5 in hexadecimal. Only
 * texts and numbers are sent here. Source: the signing appendix of the guaranteed payment pages, microapp.bytedance.com,
 * and ByteDance's own example in Go.
 */
export function requestSignature(body: Readonly<Record<string, string | number>>, salt: string): string {
  const values = [salt];
  for (const [name, value] of Object.entries(body)) {
    if (!unsigned.has(name)) values.push(bare(String(value)));
  }
  const signed = values.filter((value) => value !== "" && value !== "null").sort(byBytes);
  return createHash("md5").update(signed.join("&")).digest("hex");
}

/** How callbacks are signed: SHA-1 of the four texts, sorted by their bytes and joined without anything between. */
export function callbackSignature(token: string, timestamp: string, nonce: string, message: string): string {
  const signed = [token, timestamp, nonce, message].sort(byBytes);
  return createHash("sha1").update(signed.join("")).digest("hex");
}

function bare(value: string): string {
  const text = value.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).trim() : text;
}

/** JavaScript's own order puts an emoji before a full-width sign; Go and PHP, after it. */
function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** In a time that does not tell where they differ. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
