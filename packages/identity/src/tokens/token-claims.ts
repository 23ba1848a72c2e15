import type { TokenClaims } from "@sampan/core/ports";
import type { JWTPayload } from "jose";
import { IdentityErrors } from "./token-errors.js";

const maxNameLength = 256;
const maxNames = 64;

/** The claims of a token whose signature is right. Throws `TOKEN_INVALID` for what our issuer would not have written. */
export function claimsOf({ sub, roles, tenant, scope, sid }: JWTPayload): TokenClaims {
  if (!isName(sub) || !isName(tenant)) throw invalid("it names no subject or no tenant");
  if (!Array.isArray(roles) || roles.length > maxNames || !roles.every(isName)) {
    throw invalid("its roles are not a list of names");
  }
  const scopes = scope === undefined ? undefined : typeof scope === "string" ? scope.split(" ") : [];
  if (scopes !== undefined && (scopes.length === 0 || scopes.length > maxNames || !scopes.every(isName))) {
    throw invalid("its scopes are not names");
  }
  if (sid !== undefined && !isName(sid)) throw invalid("its session is not a name");
  // Frozen, because every call with the token gets the same object.
  return Object.freeze({
    subject: sub,
    roles: Object.freeze([...roles]),
    tenant,
    ...(scopes === undefined ? {} : { scopes: Object.freeze(scopes) }),
    ...(sid === undefined ? {} : { session: sid }),
  });
}

/** When it was issued, ms; to the second for tokens that say no more. */
export function issuedAtOf({ iat, iat_ms: exact }: JWTPayload): number {
  const second = (iat as number) * 1000;
  // A part of the same second, or it is not believed.
  return typeof exact === "number" && exact >= second && exact < second + 1000 ? exact : second;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxNameLength;
}

function invalid(why: string): Error {
  return IdentityErrors.TOKEN_INVALID({ why });
}
