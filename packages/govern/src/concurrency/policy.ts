import { type PriorityPolicy, priorityFields } from "../priority.js";
import type { SectionProblem, SectionSpec } from "../rules/section.js";

/** How many calls may be in work at a time, normalised. */
export interface ConcurrencyPolicy extends PriorityPolicy {
  readonly max: number;
  /** Calls that may wait for a slot; 0 refuses at once. */
  readonly queue: number;
  readonly maxWaitMs: number;
  /** `tenant`: waiting tenants take turns; `none`: the oldest call goes first. */
  readonly fair: "tenant" | "none";
  readonly weights: Readonly<Record<string, number>>;
}

export const concurrencySection: SectionSpec<ConcurrencyPolicy> = {
  name: "concurrency",
  doc: "How many calls may be in work at a time, and how many may wait.",
  sides: ["server", "client"],
  short: "max",
  fields: {
    max: { kind: "integer", doc: "Calls in work at a time.", required: true, min: 1, max: 1_000_000 },
    queue: { kind: "integer", doc: "Calls that may wait for a slot.", default: 0, min: 0, max: 1_000_000 },
    maxWait: {
      kind: "duration",
      doc: "How long a call may wait before it is refused.",
      as: "maxWaitMs",
      default: "1s",
      min: "1ms",
      max: "10m",
    },
    fair: {
      kind: "choice",
      doc: "tenant lets waiting tenants take turns; none starts the oldest call.",
      of: ["tenant", "none"],
      default: "tenant",
    },
    weights: {
      kind: "map",
      doc: "Turns of tenants that are not 1.",
      values: { kind: "number", doc: "Its weight.", min: 0.01, max: 1000 },
      default: {},
      maxItems: 1000,
    },
    ...priorityFields,
  },
  check(policy): readonly SectionProblem[] {
    if (policy.fair === "tenant" || Object.keys(policy.weights).length === 0) return [];
    return [{ path: ["weights"], why: "weights are of tenants that take turns", fix: "use fair: tenant" }];
  },
};
