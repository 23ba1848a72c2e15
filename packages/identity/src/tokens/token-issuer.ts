import { type Clock, systemClock } from "@sampan/core";
import type { TokenIssuer } from "@sampan/core/ports";
import { SignJWT } from "jose";
import type { TokenKeys } from "./token-keys.js";

/** Of access tokens (RFC 9068), so that no other token signed with the same key passes for one. */
export const accessTokenType = "at+jwt";

/** 2 hours. */
export const defaultTokenLifetimeMs = 7_200_000;

export interface TokenIssuerOptions {
  readonly keys: TokenKeys;
  /** Who issues, as verifiers know it. */
  readonly issuer: string;
  /** Whom the tokens are for. */
  readonly audience: string;
  /** Whole seconds. Default 2 h. */
  readonly lifetimeMs?: number;
  readonly clock?: Clock;
}

/** Issues access tokens: JWTs signed with EdDSA. `issue` throws `TypeError` for claims that no verifier would take. */
export function tokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { keys, issuer, audience, lifetimeMs = defaultTokenLifetimeMs, clock = systemClock } = options;
  const expiresIn = lifetimeMs / 1000;
  if (!Number.isSafeInteger(expiresIn) || expiresIn < 1) throw new TypeError(`a token lifetime of ${lifetimeMs} ms`);
  const header = { alg: "EdDSA", typ: accessTokenType, kid: keys.kid };
  return {
    async issue({ subject, roles, tenant }) {
      if (subject === "" || tenant === "") throw new TypeError("a token needs a subject and a tenant");
      const now = Math.floor(clock.now() / 1000);
      const token = await new SignJWT({ roles: [...roles], tenant })
        .setProtectedHeader(header)
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + expiresIn)
        .sign(keys.privateKey);
      return { token, expiresIn };
    },
  };
}
