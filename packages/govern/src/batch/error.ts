import { Code, defineErrors, type Errors } from "@sampan/core";

export const BatchErrors: Errors<"BATCH_BROKEN"> = defineErrors("govern", {
  BATCH_BROKEN: {
    code: Code.Internal,
    message: "{method} does not answer as a batch method must: {what}",
    fix: "correct the batch method: one response for each request, in their order; or take the batch rule out",
  },
});
