import type { SectionProblem, SectionSpec } from "../rules/section.js";

/** When one instance among many is left out for a while (the semantics and most defaults of Envoy's outlier detection). */
export interface OutlierPolicy {
  /** Failures in a row that eject; 0 switches this off. */
  readonly consecutiveFailures: number;
  /** Share of failures in an interval that ejects. */
  readonly errorRatio?: number;
  /** So many standard deviations below the mean success rate of all; 0 switches this off. */
  readonly stdevFactor: number;
  /** Calls that an instance must have had in the interval for its rates to count. */
  readonly minimumRequests: number;
  /** Instances with that many calls that there must be for a comparison. */
  readonly minimumEndpoints: number;
  /** How often rates are looked at. */
  readonly intervalMs: number;
  /** Of the first ejection; the n-th takes n times as long. */
  readonly ejectionMs: number;
  readonly maxEjectionMs: number;
  /** Never more than this share is ejected at a time, but one of several always may be. */
  readonly maxEjectedRatio: number;
  /** So long after its return one failure ejects again. */
  readonly probationMs: number;
  /** Addresses that are remembered. */
  readonly maxEndpoints: number;
}

export const outlierSection: SectionSpec<OutlierPolicy> = {
  name: "outlier",
  doc: "Leaves out, for a while, an instance that fails more than the others. Acts in the balancer; for whole services only.",
  sides: ["client"],
  perService: () => true,
  scope: () => ({ over: "service" }),
  fields: {
    consecutiveFailures: {
      kind: "integer",
      min: 0,
      max: 10_000,
      default: 5,
      doc: "Failures in a row that eject an instance; 0: none.",
    },
    errorRatio: {
      kind: "ratio",
      min: "1%",
      max: "100%",
      doc: "Share of failures within an interval, or more, that ejects.",
    },
    stdevFactor: {
      kind: "number",
      min: 0,
      max: 10,
      default: 1.9,
      doc: "Ejects what succeeds so many standard deviations less than the mean of all; 0: none.",
    },
    minimumRequests: {
      kind: "integer",
      min: 1,
      max: 1_000_000,
      default: 100,
      doc: "Rates of an instance count from so many calls in an interval on.",
    },
    minimumEndpoints: {
      kind: "integer",
      min: 2,
      max: 100_000,
      default: 5,
      doc: "Instances are compared when so many have had that many calls.",
    },
    interval: {
      kind: "duration",
      as: "intervalMs",
      min: "100ms",
      max: "1h",
      default: "10s",
      doc: "How often rates are looked at.",
    },
    ejection: {
      kind: "duration",
      as: "ejectionMs",
      min: "10ms",
      max: "24h",
      default: "30s",
      doc: "How long an instance is left out the first time; twice that the second, and so on.",
    },
    maxEjection: {
      kind: "duration",
      as: "maxEjectionMs",
      min: "10ms",
      max: "24h",
      default: "5m",
      doc: "The longest that an instance is left out.",
    },
    maxEjected: {
      kind: "ratio",
      as: "maxEjectedRatio",
      min: "0%",
      max: "100%",
      default: "10%",
      doc: "Share of the instances that may be left out at a time; one of several always may be.",
    },
    probation: {
      kind: "duration",
      as: "probationMs",
      min: "0",
      max: "1h",
      default: "5s",
      doc: "So long after its return a single failure ejects an instance again.",
    },
    maxEndpoints: {
      kind: "integer",
      min: 1,
      max: 100_000,
      default: 1000,
      doc: "Instances that are remembered.",
    },
  },
  check({ consecutiveFailures, errorRatio, stdevFactor, ejectionMs, maxEjectionMs }): SectionProblem[] {
    const problems: SectionProblem[] = [];
    if (consecutiveFailures === 0 && errorRatio === undefined && stdevFactor === 0)
      problems.push({
        path: [],
        why: "nothing can eject",
        fix: "write consecutiveFailures, errorRatio or stdevFactor",
      });
    if (ejectionMs > maxEjectionMs)
      problems.push({
        path: ["ejection"],
        why: "it is longer than maxEjection",
        fix: "lower it, or raise maxEjection",
      });
    return problems;
  },
};
