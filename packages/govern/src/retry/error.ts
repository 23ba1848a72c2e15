import { Code, defineErrors, type Errors } from "@sampan/core";

/** A call that is given up fails with the error of its last try; this is only for a try that cannot go on. */
export const RetryErrors: Errors<"REQUESTS_NOT_KEPT"> = defineErrors("govern", {
  REQUESTS_NOT_KEPT: {
    code: Code.Aborted,
    message: "a try of {method} fell more than {limit} request messages behind another",
    fix: "raise replayMessages, or do not hedge long request streams",
  },
});
