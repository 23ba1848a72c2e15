import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "TOKEN_INVALID" | "TOKEN_EXPIRED";

/** Why a bearer token is refused. */
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
});
