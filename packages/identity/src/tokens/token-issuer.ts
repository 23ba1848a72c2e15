import { type Clock, systemClock } from "@sampan/core";
import type { TokenIssuer } from "@sampan/core/ports";
import { SignJWT } from "jose";
import type { TokenKeys } from "./token-keys.js";

/** Of access tokens (RFC 9068), so that no other token signed with the same key passes for one. */
export const accessTokenType = "at+jwt";

/** 2 hours. */
export const defaultTokenLifetimeMs = 7_200_000;

export interface TokenIssuerOptions {
  /** What signs; a function is asked for each token, so that keys may change. */
  readonly keys: TokenKeys | (() => TokenKeys);
  /** Who issues, as verifiers know it. */
  readonly issuer: string;
  /** Whom the tokens are for. */
  readonly audience: string;
  /** Whole seconds. Default 2 h. */
  readonly lifetimeMs?: number;
  readonly clock?: Clock;
}

/**
 * Issues access tokens: JWTs signed with the algorithm of the key. Roles, tenant, scopes (`scope`, RFC 9068 section
 * 2.2.3) and session (`sid`) are claims; `iat_ms` is the issue time to the millisecond, which a revocation is compared
 * with. `issue` throws `TypeError` for claims that no verifier would take.
 */
export function tokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { keys, issuer, audience, lifetimeMs = defaultTokenLifetimeMs, clock = systemClock } = options;
  const expiresIn = lifetimeMs / 1000;
  if (!Number.isSafeInteger(expiresIn) || expiresIn < 1) throw new TypeError(`a token lifetime of ${lifetimeMs} ms`);
  return {
    async issue({ subject, roles, tenant, scopes = [], session }) {
      if (subject === "" || tenant === "") throw new TypeError("a token needs a subject and a tenant");
      if (scopes.some((scope) => !scopeForm.test(scope))) throw new TypeError("a scope is a word without spaces");
      const { kid, algorithm = "EdDSA", privateKey } = typeof keys === "function" ? keys() : keys;
      const issuedAt = clock.now();
      const now = Math.floor(issuedAt / 1000);
      const claims = {
        roles: [...roles],
        tenant,
        iat_ms: issuedAt,
        ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
        ...(session === undefined ? {} : { sid: session }),
      };
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: accessTokenType, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + expiresIn)
        .sign(privateKey);
      return { token, expiresIn };
    },
  };
}

/** RFC 6749 section 3.3. */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
