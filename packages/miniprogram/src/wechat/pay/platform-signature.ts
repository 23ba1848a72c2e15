import type { IncomingHttpHeaders } from "node:http";
import type { PlatformKeySource } from "./platform-keys.js";
import { platformMessage, verifyBytes } from "./signature.js";

/** The four signature headers of answers and callbacks. */
export interface PlatformSignature {
  /** Seconds since the epoch, as text. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  /** Serial of the platform's certificate, or `PUB_KEY_ID_…`. */
  readonly serial: string;
}

export const signatureHeaders: Readonly<Record<keyof PlatformSignature, string>> = {
  timestamp: "wechatpay-timestamp",
  nonce: "wechatpay-nonce",
  signature: "wechatpay-signature",
  serial: "wechatpay-serial",
};

/** Seconds that a signature may be old, or early; 300 itself is too much. */
const windowSeconds = 300;

export type SignatureVerdict = "valid" | "stale" | "unknown-serial" | "bad-signature";

/** Cheap checks first: an attacker who has no signature costs no RSA operation. `now` is in ms since the epoch. */
export async function checkPlatformSignature(
  given: PlatformSignature,
  body: Uint8Array,
  keys: PlatformKeySource,
  now: number,
): Promise<SignatureVerdict> {
  if (!/^[0-9]{1,12}$/.test(given.timestamp)) return "stale";
  if (Math.abs(Math.floor(now / 1000) - Number(given.timestamp)) >= windowSeconds) return "stale";
  const key = await keys.find(given.serial);
  if (key === undefined) return "unknown-serial";
  const message = platformMessageOf(given, body);
  // The platform's probes (`WECHATPAY/SIGNTEST/…`) want to see this fail like any other wrong signature.
  return (await verifyBytes(message, given.signature, key)) ? "valid" : "bad-signature";
}

/** The text that a signature is over. */
export function platformMessageOf(given: PlatformSignature, body: Uint8Array): Buffer {
  return platformMessage(given.timestamp, given.nonce, body);
}

/** The signature of an answer; undefined when it has none. One that is incomplete is wrong, not absent. */
export function signatureOf(headers: IncomingHttpHeaders): PlatformSignature | undefined {
  const { timestamp, nonce, signature, serial } = signatureHeaders;
  const found = [timestamp, nonce, signature, serial].map((name) => headers[name]);
  if (found.every((value) => value === undefined)) return undefined;
  const text = (value: string | string[] | undefined): string => (typeof value === "string" ? value : "");
  return { timestamp: text(found[0]), nonce: text(found[1]), signature: text(found[2]), serial: text(found[3]) };
}
