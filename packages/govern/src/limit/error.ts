import { Code, defineErrors, type Errors } from "@sampan/core";

export const LimitErrors: Errors<"RATE_LIMITED"> = defineErrors("govern", {
  RATE_LIMITED: {
    code: Code.ResourceExhausted,
    message: "{scope} takes no more calls at present: the limit of {rule} is reached",
    fix: "try again after the time that RetryInfo names; raise the limit of the rule if this traffic is meant",
  },
});
