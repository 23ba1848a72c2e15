import { budgetFields, repeatFields } from "../retry/policy.js";
import type { BudgetPolicy } from "../retry/try-budget.js";
import type { SectionProblem, SectionSpec } from "../rules/section.js";
import { statusWords } from "../status-words.js";

export interface HedgePolicy {
  /** How long the newest try may be without an answer before another is sent. */
  readonly afterMs: number;
  /** When given, this percentile of what recent calls took is used instead, once enough of them are known. */
  readonly percentile?: number;
  /** Tries in all, with the first. */
  readonly attempts: number;
  /** Status words on which the next try is sent at once; any other failure ends the call. */
  readonly on: readonly string[];
  readonly budget: BudgetPolicy;
  readonly evenIfNotIdempotent: boolean;
  /** How many messages of a request stream one try may be behind another. */
  readonly replayMessages: number;
}

export const hedgeSection: SectionSpec<HedgePolicy> = {
  name: "hedge",
  doc: "Sends a slow call once more and takes the first good answer. Streams only before their first response.",
  sides: ["client"],
  short: "after",
  fields: {
    after: {
      kind: "duration",
      as: "afterMs",
      required: true,
      min: "1ms",
      max: "1h",
      doc: "Without an answer for so long, another try is sent.",
    },
    percentile: {
      kind: "integer",
      min: 50,
      max: 99,
      doc: "Instead of `after`, as soon as enough calls are known: 95 hedges the slowest twentieth.",
    },
    attempts: { kind: "integer", min: 2, max: 5, default: 2, doc: "Tries in all, with the first." },
    on: {
      kind: "list",
      items: { kind: "choice", of: statusWords, doc: "A status code." },
      default: ["unavailable"],
      doc: "Status codes on which the next try is sent at once; any other failure ends the call.",
    },
    budget: { kind: "object", default: {}, doc: "What all further tries together may cost.", fields: budgetFields },
    ...repeatFields,
  },
  check({ afterMs }, { timeout }): SectionProblem[] {
    const whole = (timeout as { readonly timeoutMs?: number } | undefined)?.timeoutMs;
    if (whole === undefined || afterMs < whole) return [];
    return [{ path: ["after"], why: "the call has timed out by then (timeout.request)", fix: "make it shorter" }];
  },
};
