import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "TIMED_OUT" | "TRY_TIMED_OUT";

/** A rule's timeout has passed. When it was the caller's own deadline, the error is core's `DEADLINE_EXCEEDED`. */
export const TimeoutErrors: Errors<Reason> = defineErrors("govern", {
  TIMED_OUT: {
    code: Code.DeadlineExceeded,
    message: "{method} took longer than the {limit} ms that the rule {rule} allows",
    fix: "look at the trace for the slow step; give it more time in the rule only if it needs it",
  },
  TRY_TIMED_OUT: {
    code: Code.DeadlineExceeded,
    message: "a try of {method} took longer than the {limit} ms that the rule {rule} allows",
    fix: "look at the trace for the slow step; a retry section in the rule would have tried again",
  },
});
