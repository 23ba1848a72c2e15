import type { SectionProblem, SectionSpec } from "../rules/section.js";
import { statusWords } from "../status-words.js";

/**
 * When a callee counts as broken. At least one of `errorRatio`, `errorCount` and `slow` is there; any of them opens.
 * A threshold that is reached opens, as in Sentinel: at `errorRatio` 0.5 half of the calls suffice.
 */
export interface BreakerPolicy {
  /** Share of the calls in the window that failed, above 0 to 1. */
  readonly errorRatio?: number;
  /** Calls in the window that failed. */
  readonly errorCount?: number;
  /** Calls that took longer than `aboveMs`, and their share, above 0 to 1. */
  readonly slow?: { readonly aboveMs: number; readonly ratio: number };
  /** Nothing opens below so many calls in the window. */
  readonly minimumRequests: number;
  readonly windowMs: number;
  /** The window moves on in so many steps. */
  readonly buckets: number;
  /** How long it stays open before it lets probes through. */
  readonly openMs: number;
  /** So many probes at a time, and so many that succeed to close. */
  readonly probes: number;
  /** Status words that count as errors. */
  readonly on: readonly string[];
  readonly per: "method" | "rule" | "endpoint";
  /** With `per: endpoint`: addresses that are remembered. */
  readonly maxEndpoints: number;
}

/**
 * What says that the callee is broken. Not `resource-exhausted`: it is how a limit refuses one tenant or user, which
 * must not cut off everybody else. Nor what the caller did wrong (`invalid-argument`, `not-found`, …).
 */
const defaultStatuses = ["unavailable", "deadline-exceeded", "internal", "unknown"];

export const breakerSection: SectionSpec<BreakerPolicy> = {
  name: "breaker",
  doc: "Refuses calls to something that is broken, at once, until probes find that it works again.",
  sides: ["client", "server"],
  fields: {
    errorRatio: {
      kind: "ratio",
      min: "0.1%",
      max: "100%",
      doc: "Opens when this share of the calls in the window, or more, has failed.",
    },
    errorCount: {
      kind: "integer",
      min: 1,
      max: 1_000_000,
      doc: "Opens when so many calls in the window, or more, have failed.",
    },
    slow: {
      kind: "object",
      doc: "Opens when too many calls are slow.",
      fields: {
        above: {
          kind: "duration",
          as: "aboveMs",
          required: true,
          min: "1ms",
          max: "24h",
          doc: "Longer than this is slow.",
        },
        ratio: {
          kind: "ratio",
          min: "0.1%",
          max: "100%",
          default: "50%",
          doc: "Opens when this share of the calls in the window, or more, was slow.",
        },
      },
    },
    minimumRequests: {
      kind: "integer",
      min: 1,
      max: 1_000_000,
      default: 10,
      doc: "Never opens below so many calls in the window.",
    },
    window: {
      kind: "duration",
      as: "windowMs",
      min: "100ms",
      max: "1h",
      default: "10s",
      doc: "How far back calls count.",
    },
    buckets: { kind: "integer", min: 1, max: 100, default: 10, doc: "Steps in which the window moves on." },
    open: {
      kind: "duration",
      as: "openMs",
      min: "1ms",
      max: "24h",
      default: "5s",
      doc: "How long it stays open before it lets probes through.",
    },
    probes: {
      kind: "integer",
      min: 1,
      max: 1000,
      default: 1,
      doc: "Calls that are let through at a time to find out, and that must succeed to close.",
    },
    on: {
      kind: "list",
      items: { kind: "choice", of: statusWords, doc: "A status code." },
      default: defaultStatuses,
      minItems: 1,
      doc: "Status codes that count as errors.",
    },
    per: {
      kind: "choice",
      of: ["method", "rule", "endpoint"],
      default: "method",
      doc: "What opens: each method by itself, all methods of the rule together, or each instance of a service by itself: then an error is an instance that cannot be reached or does not answer in time, whatever `on` says.",
    },
    maxEndpoints: {
      kind: "integer",
      min: 1,
      max: 100_000,
      default: 1000,
      doc: "With `per: endpoint`: instances that are remembered.",
    },
  },
  check({ errorRatio, errorCount, slow, minimumRequests }): SectionProblem[] {
    const problems: SectionProblem[] = [];
    if (errorRatio === undefined && errorCount === undefined && slow === undefined)
      problems.push({ path: [], why: "nothing can open it", fix: "write errorRatio, errorCount or slow" });
    if (errorCount !== undefined && errorCount < minimumRequests)
      problems.push({
        path: ["errorCount"],
        why: `it opens at no fewer than ${minimumRequests} calls, so that fewer errors mean nothing`,
        fix: "raise errorCount, or write a smaller minimumRequests",
      });
    return problems;
  },
  scope: ({ per }) => ({ over: per === "method" ? "method" : per === "endpoint" ? "service" : "rule" }),
  perService: ({ per }) => per === "endpoint",
};
