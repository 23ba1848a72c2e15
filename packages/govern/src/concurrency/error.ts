import { Code, defineErrors, type Errors } from "@sampan/core";

export const ConcurrencyErrors: Errors<"TOO_MANY_IN_FLIGHT"> = defineErrors("govern", {
  TOO_MANY_IN_FLIGHT: {
    code: Code.ResourceExhausted,
    message: "{scope} works on as many calls as {rule} allows, and no more can wait: {why}",
    fix: "try again after the time that RetryInfo names; raise max or queue of the rule if the service can do more",
  },
});
