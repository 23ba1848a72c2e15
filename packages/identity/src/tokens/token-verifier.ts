import { type Clock, RpcError, systemClock } from "@sampan/core";
import type { TokenClaims, TokenVerifier } from "@sampan/core/ports";
import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { Revocations } from "./revocations.js";
import { claimsOf, issuedAtOf } from "./token-claims.js";
import { IdentityErrors } from "./token-errors.js";
import { accessTokenType } from "./token-issuer.js";
import { TokenKeySet } from "./token-key-set.js";
import type { PublicTokenKeys } from "./token-keys.js";
import { type Verified, VerifiedTokens } from "./verified-tokens.js";

export interface TokenVerifierOptions {
  /** The issuer's key set, or one that follows it. Public parts only: a private key in it is refused. */
  readonly keys: PublicTokenKeys | TokenKeySet;
  readonly issuer: string;
  readonly audience: string;
  /** What the issuer has revoked. Whoever made it keeps it up to date. Default: nothing, ever. */
  readonly revocations?: Revocations;
  /** How far the clocks of issuer and verifier may be apart, in ms. Default 30000. */
  readonly clockSkewMs?: number;
  /** Verified tokens to remember. Default 10000, about 6 MB; 0 remembers none. */
  readonly cacheSize?: number;
  readonly clock?: Clock;
}

/** Characters; what the issuer makes has about 400. */
const maxTokenLength = 4096;

/**
 * Verifies access tokens with public keys only. The key is one of the set's, found by the token's `kid`, and the algorithm
 * is the one of that key, whatever the token says of itself; keys and addresses inside a token are not looked at. Throws
 * `TypeError` for a key set that is not one of public Ed25519 or RSA keys.
 */
export function tokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { issuer, audience, clockSkewMs = 30_000, cacheSize = 10_000, clock = systemClock } = options;
  const keys = options.keys instanceof TokenKeySet ? options.keys : new TokenKeySet(options.keys);
  const revocations = options.revocations ?? new Revocations();
  const verified = new VerifiedTokens(cacheSize);
  const skew = Math.floor(clockSkewMs / 1000);

  const check = async (token: string): Promise<Verified> => {
    const now = clock.now();
    const { alg, kid } = decodeProtectedHeader(token);
    const { algorithm, key } = await keys.find(kid);
    // Before anything is computed: no key is ever used for an algorithm that is not its own.
    if (alg !== algorithm) throw IdentityErrors.TOKEN_INVALID({ why: "it is signed with another algorithm" });
    const { payload } = await jwtVerify(token, await key, {
      algorithms: [algorithm],
      typ: accessTokenType,
      issuer,
      audience,
      clockTolerance: skew,
      currentDate: new Date(now),
      requiredClaims: ["sub", "iat", "exp"],
    });
    if ((payload.iat as number) > now / 1000 + skew)
      throw IdentityErrors.TOKEN_INVALID({ why: "it is from the future" });
    const entry: Verified = {
      claims: claimsOf(payload),
      kid: kid as string,
      issuedAt: issuedAtOf(payload),
      expiresAt: (payload.exp as number) * 1000,
    };
    // Within the clock skew a token is still taken, but checked each time.
    if (entry.expiresAt > now) verified.add(token, entry);
    return entry;
  };

  const unlessRevoked = ({ claims, issuedAt }: Verified): TokenClaims => {
    if (revocations.refuses(claims, issuedAt)) throw IdentityErrors.TOKEN_REVOKED();
    return claims;
  };

  return {
    // Hot path: a token that was seen before costs a digest and three look-ups, not a signature (about 150 µs); bench
    // `identity`. Its key must still be published, and it must not have been revoked since.
    async verify(token) {
      if (typeof token !== "string" || token === "") throw IdentityErrors.TOKEN_INVALID({ why: "there is none" });
      if (token.length > maxTokenLength) throw IdentityErrors.TOKEN_INVALID({ why: "it is too long" });
      const known = verified.get(token, clock.now());
      if (known !== undefined && keys.has(known.kid)) return unlessRevoked(known);
      try {
        return unlessRevoked(await check(token));
      } catch (error) {
        if (error instanceof RpcError) throw error;
        if (error instanceof errors.JWTExpired) throw IdentityErrors.TOKEN_EXPIRED({}, { cause: error });
        throw IdentityErrors.TOKEN_INVALID({ why: reasonOf(error) }, { cause: error });
      }
    },
  };
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
