import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "ACCESS_DENIED" | "POLICY_INVALID";

/** Of the access policy. */
export const AccessErrors: Errors<Reason> = defineErrors("access", {
  ACCESS_DENIED: {
    code: Code.PermissionDenied,
    // No word of the policy: the error travels back to whoever called, and from there perhaps outside.
    message: "the access policy does not let this caller call {method}",
    fix: "the log of the process that was called names caller and rule; add a rule if the call is meant, in shadow mode first",
  },
  POLICY_INVALID: {
    code: Code.InvalidArgument,
    message: "the access policy {source} has {count} problems\n{problems}",
    fix: "correct the lines; the policy that was in force stays so",
  },
});
