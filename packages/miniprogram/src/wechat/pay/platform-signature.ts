import type { KeyObject } from "node:crypto";
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
  keys: ReadonlyMap<string, KeyObject>,
  now: number,
): Promise<SignatureVerdict> {
  if (!/^[0-9]{1,12}$/.test(given.timestamp)) return "stale";
  if (Math.abs(Math.floor(now / 1000) - Number(given.timestamp)) >= windowSeconds) return "stale";
  const key = keys.get(given.serial);
  if (key === undefined) return "unknown-serial";
  const message = platformMessage(given.timestamp, given.nonce, body);
  // The platform's probes (`WECHATPAY/SIGNTEST/…`) want to see this fail like any other wrong signature.
  return (await verifyBytes(message, given.signature, key)) ? "valid" : "bad-signature";
}
