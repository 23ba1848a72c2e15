import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "ACCESS_DENIED" | "POLICY_INVALID";

/** Of the access policy. */
export const AccessErrors: Errors<Reason> = defineErrors("access", {
  ACCESS_DENIED: {
    code: Code.PermissionDenied,
    message: "{identity} may not call {method}: {because}",
    fix: "add a rule to the access policy if the call is meant; try it in shadow mode first",
  },
  POLICY_INVALID: {
    code: Code.InvalidArgument,
    message: "the access policy {source} has {count} problems\n{problems}",
    fix: "correct the lines; the policy that was in force stays so",
  },
});
