import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Clock, systemClock } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import { canonicalRequest } from "./canonical-request.js";
import { parseSignature } from "./parse-signature.js";
import { SignatureErrors } from "./signature-errors.js";

export interface SignatureVerifierOptions {
  /** The secret of a key, and whose it is; undefined for an unknown or ended one. */
  readonly keyOf: (keyId: string) => Promise<{ readonly secret: string } | undefined>;
  /** Where used nonces are kept, shared by the instances of the edge. */
  readonly nonces: KeyValue;
  readonly clock?: Clock;
  /** How far a request's time may be from ours, in both directions. Default 5 min. */
  readonly windowMs?: number;
}

export interface RequestToVerify {
  readonly method: string;
  readonly target: string;
  /** The header `x-sampan-signature`; undefined when it is absent. */
  readonly header: string | undefined;
  /** When given, the key must be this one: a signature proves who sent a token, so the two belong together. */
  readonly keyId?: string | undefined;
}

/** Checks the body when it has arrived: throws `SIGNATURE_INVALID`. */
export type BodyCheck = (body: Uint8Array) => void;

/**
 * Verifies request signatures. Order: form, time, key, signature, and the nonce last, so that only who has the key can use
 * one up. The body is checked later, by the function that this resolves to, against the digest that was signed.
 *
 * Rejects with `SIGNATURE_*`. A nonce is kept for twice the window, so no request is taken twice at any time.
 */
export function signatureVerifier(options: SignatureVerifierOptions): (request: RequestToVerify) => Promise<BodyCheck> {
  const { keyOf, nonces, clock = systemClock, windowMs = 300_000 } = options;
  const invalid = (why: string): Error => SignatureErrors.SIGNATURE_INVALID({ why });
  return async ({ method, target, header, keyId: expectedKey }) => {
    if (header === undefined) throw SignatureErrors.SIGNATURE_MISSING();
    const parsed = parseSignature(header);
    if (parsed === undefined) throw invalid("the header is not of the form");
    const { keyId, timestamp, nonce, bodyDigest, signature } = parsed;
    if (Math.abs(clock.now() - Number(timestamp)) > windowMs)
      throw SignatureErrors.SIGNATURE_STALE({ seconds: String(windowMs / 1000) });
    if (expectedKey !== undefined && keyId !== expectedKey) throw invalid("it is made with another key");
    const key = await keyOf(keyId);
    if (key === undefined) throw invalid("it is made with an unknown key");
    const text = canonicalRequest({ method, target, bodyDigest, timestamp, nonce, keyId });
    const expected = createHmac("sha256", key.secret).update(text).digest();
    if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) throw invalid("it does not fit the request");
    const first = await nonces.compareAndSet(`nonce/${keyId}/${nonce}`, undefined, used, 2 * windowMs);
    if (!first) throw SignatureErrors.SIGNATURE_REPLAYED();
    return (body) => {
      const digest = createHash("sha256").update(body).digest("hex");
      if (digest !== bodyDigest) throw invalid("it is for another body");
    };
  };
}

const used = Uint8Array.of(1);
