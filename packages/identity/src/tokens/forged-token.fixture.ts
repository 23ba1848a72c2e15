import { createHmac } from "node:crypto";
import { CompactSign, type CryptoKey } from "jose";

const base64url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with any header and payload, signed with a key. */
export function sign(key: CryptoKey, header: Record<string, unknown>, payload: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  return new CompactSign(bytes).setProtectedHeader(header as { alg: string }).sign(key);
}

/** A token that says it is signed with a shared secret. */
export function signWithSecret(secret: string | Buffer, header: Record<string, unknown>, payload: unknown): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** A token without a signature. */
export function unsigned(header: Record<string, unknown>, payload: unknown): string {
  return `${base64url(header)}.${base64url(payload)}.`;
}

/** The parts of a token, decoded. */
export function parts(token: string): {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
  signature: string;
} {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  return { header: decode(header), payload: decode(payload), signature };
}

/** The same token with another header or payload and the old signature. */
export function tamper(token: string, change: { header?: object; payload?: object }): string {
  const { header, payload, signature } = parts(token);
  return `${base64url({ ...header, ...change.header })}.${base64url({ ...payload, ...change.payload })}.${signature}`;
}
