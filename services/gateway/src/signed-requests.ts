import type { Method, Runtime } from "@sampan/core";
import type { KeyValue, TokenClaims } from "@sampan/core/ports";
import type { SignaturePolicy } from "@sampan/gateway";
import { signatureHeader, signatureVerifier } from "@sampan/identity";
import { signingKeys } from "./issuer.js";

export interface SignedRequestsOptions {
  readonly runtime: Runtime;
  /** Where used nonces are kept. */
  readonly nonces: KeyValue;
  /** Whose requests must be signed, such as `user`. */
  readonly roles: readonly string[];
  /** Methods that need not be, such as `/user.v1.UserService/GetMe`, or all of a service: `/user.v1.UserService/*`. */
  readonly except: readonly string[];
  readonly windowMs: number;
}

/** Requests of some roles must be signed with the key of the session that their token is of. */
export function signedRequests(options: SignedRequestsOptions): SignaturePolicy {
  const { runtime, nonces, roles, except, windowMs } = options;
  const verify = signatureVerifier({ keyOf: signingKeys(runtime), nonces, clock: runtime.clock, windowMs });
  return {
    header: signatureHeader,
    requires(method: Method, claims: TokenClaims | undefined): boolean {
      if (claims === undefined || except.includes(method.path) || except.includes(`/${method.service}/*`)) return false;
      return claims.roles.some((role) => roles.includes(role));
    },
    // A token that is of no session has no key that would do.
    verify: ({ claims, ...request }) => verify({ ...request, keyId: claims?.session ?? "" }),
  };
}
