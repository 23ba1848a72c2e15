import { MiniProgramErrors } from "../errors.js";

/**
 * When a request may be sent a second time. `always`: it changes nothing. `when-refused`: when the platform says that it
 * did not do it. `when-unsent`: when it was certainly not looked at; sending twice would do it twice.
 */
export type Repeatable = "always" | "when-refused" | "when-unsent";

/** `new-token`: again with a new access token. */
export type Remedy = "none" | "again" | "new-token";

/** A request, its repetition included, is sent at most so often. What is left of the deadline may allow less. */
export const maxTries = 2;

/**
 * What the vendor's codes ask for. All that are not here mean: not again. Quotas (45009, 45011) neither, for they are
 * used up for a minute or a day; whoever called decides whether to come back then (`isRetryable`).
 */
const remedies: ReadonlyMap<number, Remedy> = new Map([
  // "System busy, try again later": the vendor does not say that nothing was done.
  [-1, "again"],
  // The token is not, or no longer, valid. The request was not looked at.
  [40001, "new-token"],
  [40014, "new-token"],
  [42001, "new-token"],
]);

/** Decides whether, and how, a request that ended with this error is sent again. */
export function remedyOf(error: unknown, repeatable: Repeatable): Remedy {
  if (MiniProgramErrors.PLATFORM_UNREACHABLE.is(error)) return "again";
  if (MiniProgramErrors.PLATFORM_NO_ANSWER.is(error)) return repeatable === "always" ? "again" : "none";
  if (MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS.is(error)) {
    return remedies.get(Number(error.info?.metadata.platform_code)) ?? "none";
  }
  if (!MiniProgramErrors.PLATFORM_BUSY.is(error)) return "none";
  // A 502 may come from a proxy after the platform has done it; -1 comes from the platform.
  const isAnswer = error.info?.metadata.platform_code === "-1";
  return repeatable === "always" || (repeatable === "when-refused" && isAnswer) ? "again" : "none";
}
