import { Code, defineErrors, type Errors } from "@sampan/core";

/** Carries `RetryInfo` with the time until the breaker lets a probe through. The call has not been sent. */
export const BreakerErrors: Errors<"BREAKER_OPEN"> = defineErrors("govern", {
  BREAKER_OPEN: {
    code: Code.Unavailable,
    message: "{scope} is not called at the moment: the breaker {rule} is {state}",
    fix: "retry after the delay in RetryInfo; the log of the caller says when the breaker opened and on what",
  },
});
