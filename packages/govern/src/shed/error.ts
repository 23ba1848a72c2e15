import { Code, defineErrors, type Errors } from "@sampan/core";

export const ShedErrors: Errors<"OVERLOADED"> = defineErrors("govern", {
  OVERLOADED: {
    code: Code.Unavailable,
    message: "this process is overloaded and does not take {scope} at present",
    fix: "try again after the time that RetryInfo names, or elsewhere; if it lasts, run more instances",
  },
});
