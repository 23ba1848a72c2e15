import { type Clock, RpcError, systemClock } from "@sampan/core";
import type { TokenClaims, TokenVerifier } from "@sampan/core/ports";
import { type CryptoKey, errors, importJWK, type JWTPayload, jwtVerify } from "jose";
import { IdentityErrors } from "./token-errors.js";
import { accessTokenType } from "./token-issuer.js";
import type { PublicTokenKeys } from "./token-keys.js";
import { VerifiedTokens } from "./verified-tokens.js";

export interface TokenVerifierOptions {
  /** The issuer's key set. Public parts only: a private key in it is refused. */
  readonly keys: PublicTokenKeys;
  readonly issuer: string;
  readonly audience: string;
  /** How far the clocks of issuer and verifier may be apart, in ms. Default 30000. */
  readonly clockSkewMs?: number;
  /** Verified tokens to remember. Default 10000, about 6 MB; 0 remembers none. */
  readonly cacheSize?: number;
  readonly clock?: Clock;
}

/** Characters; what the issuer makes has about 400. */
const maxTokenLength = 4096;
const maxSubjectLength = 256;
const maxRoles = 64;

/**
 * Verifies access tokens with public keys only. The algorithm is EdDSA whatever a token says of itself, and the key is one
 * of the set's, found by the token's `kid`; keys and addresses inside a token are not looked at. Throws `TypeError` for
 * a key set that is not one of public Ed25519 keys.
 */
export function tokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { issuer, audience, clockSkewMs = 30_000, cacheSize = 10_000, clock = systemClock } = options;
  const keys = importKeys(options.keys);
  const verified = new VerifiedTokens(cacheSize);
  const skew = Math.floor(clockSkewMs / 1000);

  const findKey = ({ kid }: { readonly kid?: string }): Promise<CryptoKey> => {
    const key = typeof kid === "string" ? keys.get(kid) : undefined;
    if (key === undefined) throw IdentityErrors.TOKEN_INVALID({ why: "it is signed with an unknown key" });
    return key;
  };

  const check = async (token: string): Promise<TokenClaims> => {
    const now = clock.now();
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: ["EdDSA"],
      typ: accessTokenType,
      issuer,
      audience,
      clockTolerance: skew,
      currentDate: new Date(now),
      requiredClaims: ["sub", "iat", "exp"],
    });
    if ((payload.iat as number) > now / 1000 + skew)
      throw IdentityErrors.TOKEN_INVALID({ why: "it is from the future" });
    const claims = claimsOf(payload);
    const expiresAt = (payload.exp as number) * 1000;
    // Within the clock skew a token is still taken, but checked each time.
    if (expiresAt > now) verified.add(token, claims, expiresAt);
    return claims;
  };

  return {
    // Hot path: a token that was seen before costs one look-up, not a signature (about 150 µs).
    async verify(token) {
      const known = verified.get(token, clock.now());
      if (known !== undefined) return known;
      if (typeof token !== "string" || token === "") throw IdentityErrors.TOKEN_INVALID({ why: "there is none" });
      if (token.length > maxTokenLength) throw IdentityErrors.TOKEN_INVALID({ why: "it is too long" });
      try {
        return await check(token);
      } catch (error) {
        if (error instanceof RpcError) throw error;
        if (error instanceof errors.JWTExpired) throw IdentityErrors.TOKEN_EXPIRED({}, { cause: error });
        throw IdentityErrors.TOKEN_INVALID({ why: reasonOf(error) }, { cause: error });
      }
    },
  };
}

function importKeys({ keys }: PublicTokenKeys): ReadonlyMap<string, Promise<CryptoKey>> {
  const imported = new Map<string, Promise<CryptoKey>>();
  for (const key of keys) {
    if (key.kty !== "OKP" || key.crv !== "Ed25519") throw new TypeError("a token key must be an Ed25519 key");
    if ("d" in key) throw new TypeError("a verifier must not have a private key");
    if (typeof key.kid !== "string" || key.kid === "" || imported.has(key.kid)) {
      throw new TypeError("each token key needs a key id of its own");
    }
    const { kty, crv, x } = key;
    const promise = importJWK({ kty, crv, x }, "EdDSA") as Promise<CryptoKey>;
    // A bad key shows when a token names it, and not as a rejection that nobody handles.
    promise.catch(() => {});
    imported.set(key.kid, promise);
  }
  if (imported.size === 0) throw new TypeError("a verifier without keys would refuse every token");
  return imported;
}

function claimsOf({ sub, roles, tenant }: JWTPayload): TokenClaims {
  const fits = (value: unknown): value is string =>
    typeof value === "string" && value !== "" && value.length <= maxSubjectLength;
  if (!fits(sub) || !fits(tenant)) throw IdentityErrors.TOKEN_INVALID({ why: "it names no subject or no tenant" });
  if (!Array.isArray(roles) || roles.length > maxRoles || !roles.every(fits)) {
    throw IdentityErrors.TOKEN_INVALID({ why: "its roles are not a list of names" });
  }
  // Frozen, because every call with the token gets the same object.
  return Object.freeze({ subject: sub, roles: Object.freeze([...roles]), tenant });
}

/** In our words: those of the library may change, and quote what the caller sent. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  if (error instanceof errors.JOSEAlgNotAllowed) return "it is signed with another algorithm";
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimReasons[error.claim] ?? "a claim is missing or wrong";
  return "it is not a signed token";
}

const claimReasons: Readonly<Record<string, string>> = {
  aud: "it is for somebody else",
  iss: "it is from somebody else",
  nbf: "it does not hold yet",
  typ: "it is not an access token",
};
