import { type PriorityPolicy, priorityFields } from "../priority.js";
import type { SectionSpec } from "../rules/section.js";

/** When calls are refused because the process is overloaded, normalised. */
export interface ShedPolicy extends PriorityPolicy {
  /** How late the event loop may be for calls of normal importance; low bears half of it, high twice, critical four times. */
  readonly maxLoopDelayMs: number;
  /** What a refusal asks the caller to wait. */
  readonly retryAfterMs: number;
}

export const shedSection: SectionSpec<ShedPolicy> = {
  name: "shed",
  doc: "Refuses calls while the process is overloaded, the least important first.",
  sides: ["server"],
  short: "maxLoopDelay",
  fields: {
    maxLoopDelay: {
      kind: "duration",
      doc: "How late the event loop may be; low bears half of it, high twice, critical four times.",
      as: "maxLoopDelayMs",
      default: "50ms",
      min: "1ms",
      max: "10s",
    },
    retryAfter: {
      kind: "duration",
      doc: "What a refusal asks the caller to wait.",
      as: "retryAfterMs",
      default: "1s",
      min: "1ms",
      max: "10m",
    },
    ...priorityFields,
  },
};
