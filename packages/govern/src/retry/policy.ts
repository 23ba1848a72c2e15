import type { Fields, SectionProblem, SectionSpec } from "../rules/section.js";
import { statusWords } from "../status-words.js";
import type { BackoffPolicy } from "./backoff.js";
import type { BudgetPolicy } from "./try-budget.js";

export interface RetryPolicy {
  /** Tries in all, with the first. */
  readonly attempts: number;
  /** Status words that are tried again. A try that its own timeout ended is tried again as well. */
  readonly on: readonly string[];
  readonly backoff: BackoffPolicy;
  /** Of each try; of a response stream, until its first message. */
  readonly perTryMs?: number;
  readonly budget: BudgetPolicy;
  /** Otherwise only methods that are idempotent by contract, and failures that are known to have reached no handler. */
  readonly evenIfNotIdempotent: boolean;
  /** Messages of a request stream that are kept for another try; a stream that has sent more is not tried again. */
  readonly replayMessages: number;
}

/** Shared by retry and hedge: what extra tries may cost. */
export const budgetFields: Fields = {
  ratio: { kind: "ratio", default: "20%", max: "1000%", doc: "Extra tries for each call, on average." },
  minPerSecond: {
    kind: "number",
    min: 0,
    max: 1_000_000,
    default: 3,
    doc: "Extra tries a second that are allowed besides, for methods with few calls.",
  },
  burst: { kind: "integer", min: 1, max: 1_000_000, default: 10, doc: "Extra tries that can be saved up." },
};

/** Shared by retry and hedge: what may be sent twice. */
export const repeatFields: Fields = {
  evenIfNotIdempotent: {
    kind: "boolean",
    default: false,
    doc: "Also methods that the contract does not call idempotent: doing the work twice is then your wish.",
  },
  replayMessages: {
    kind: "integer",
    min: 0,
    max: 100_000,
    default: 16,
    doc: "Messages of a request stream that are kept for another try; none is made once more were sent.",
  },
};

export const retrySection: SectionSpec<RetryPolicy> = {
  name: "retry",
  doc: "Tries again what failed, within the deadline and a budget. Streams only before their first response.",
  sides: ["client"],
  short: "attempts",
  fields: {
    attempts: { kind: "integer", min: 2, max: 10, default: 3, doc: "Tries in all, with the first." },
    on: {
      kind: "list",
      items: { kind: "choice", of: statusWords, doc: "A status code." },
      default: ["unavailable"],
      minItems: 1,
      doc: "Status codes that are tried again; a try that ran out of its own time is as well.",
    },
    backoff: {
      kind: "object",
      default: {},
      doc: "The wait before each further try. A server that names a longer wait (RetryInfo) gets it.",
      fields: {
        base: { kind: "duration", as: "baseMs", min: "0", max: "1h", default: "50ms", doc: "Before the second try." },
        max: { kind: "duration", as: "maxMs", min: "0", max: "1h", default: "1s", doc: "No wait is longer." },
        factor: { kind: "number", min: 1, max: 10, default: 2, doc: "Each wait is so many times the one before." },
        jitter: {
          kind: "choice",
          of: ["full", "equal", "none", "decorrelated"],
          default: "full",
          doc: "Anything up to the wait; between half of it and it; exactly it; up to three times the last one.",
        },
      },
    },
    perTry: {
      kind: "duration",
      as: "perTryMs",
      min: "1ms",
      max: "24h",
      doc: "Timeout of each try; of a response stream, until its first message.",
    },
    budget: { kind: "object", default: {}, doc: "What all further tries together may cost.", fields: budgetFields },
    ...repeatFields,
  },
  check({ backoff, perTryMs }, { timeout }): SectionProblem[] {
    const problems: SectionProblem[] = [];
    if (backoff.baseMs > backoff.maxMs)
      problems.push({ path: ["backoff", "base"], why: "it is longer than max", fix: "lower base or raise max" });
    const whole = (timeout as { readonly timeoutMs?: number } | undefined)?.timeoutMs;
    if (whole !== undefined && perTryMs !== undefined && perTryMs > whole)
      problems.push({
        path: ["perTry"],
        why: "a try may take longer than timeout.request allows the whole call",
        fix: "make it shorter",
      });
    return problems;
  },
};
