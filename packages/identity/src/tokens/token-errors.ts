import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "TOKEN_INVALID"
  | "TOKEN_EXPIRED"
  | "TOKEN_REVOKED"
  | "KEYS_UNAVAILABLE"
  | "REFRESH_INVALID"
  | "REFRESH_EXPIRED"
  | "REFRESH_REUSED"
  | "ACCESS_UNDECLARED"
  | "ROLE_REQUIRED"
  | "SCOPE_REQUIRED"
  | "TENANT_NOT_SERVED";

/** Why a token is refused, or a call with a good one. */
export const IdentityErrors: Errors<Reason> = defineErrors("identity", {
  TOKEN_INVALID: {
    code: Code.Unauthenticated,
    message: "the token is not valid: {why}",
    fix: "log in again; if fresh tokens are refused too, check that issuer, audience and key set are the same on both sides",
  },
  TOKEN_EXPIRED: {
    code: Code.Unauthenticated,
    message: "the token has expired",
    fix: "log in again, or use the refresh token",
  },
  TOKEN_REVOKED: {
    code: Code.Unauthenticated,
    message: "the token was revoked",
    fix: "use the refresh token, and log in again if that is refused too",
  },
  KEYS_UNAVAILABLE: {
    code: Code.Unavailable,
    message: "tokens cannot be checked: the issuer's keys, or what it has revoked, are not known",
    fix: "retry with backoff; if it lasts, check that the auth service can be reached",
  },
  REFRESH_INVALID: {
    code: Code.Unauthenticated,
    message: "the refresh token is not valid: {why}",
    fix: "log in again",
  },
  REFRESH_EXPIRED: {
    code: Code.Unauthenticated,
    message: "the refresh token has expired",
    fix: "log in again",
  },
  REFRESH_REUSED: {
    code: Code.Unauthenticated,
    message: "the refresh token was used before, so its session has been ended",
    fix: "log in again; if it happens often, look for a client that keeps refresh tokens in two places",
  },
  ACCESS_UNDECLARED: {
    code: Code.PermissionDenied,
    message: "the contract does not say who may call {method}: {why}",
    fix: "set (sampan.v1.method).access; roles and scopes go with ACCESS_USER and ACCESS_OPERATOR only",
  },
  ROLE_REQUIRED: {
    code: Code.PermissionDenied,
    message: "{method} needs the role {role}",
    fix: "use a token of somebody who has the role",
  },
  SCOPE_REQUIRED: {
    code: Code.PermissionDenied,
    message: "{method} needs the scope {scope}",
    fix: "use a token that has the scope: an owner grants it with the operator's roles",
  },
  TENANT_NOT_SERVED: {
    code: Code.PermissionDenied,
    message: "{method} is not served for the tenant {tenant}",
    fix: "log in to the installation of that tenant, or add it to process.tenants of all processes if its data is kept here",
  },
});
