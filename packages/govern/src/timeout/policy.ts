import type { SectionProblem, SectionSpec } from "../rules/section.js";

/** How long a call may take. A rule can only shorten what the caller allows. At least one of the two is there. */
export interface TimeoutPolicy {
  /** The whole call with all its tries; a stream from its start to its end. */
  readonly timeoutMs?: number;
  /** Each try; of a response stream, until its first message. */
  readonly perTryMs?: number;
}

export const timeoutSection: SectionSpec<TimeoutPolicy> = {
  name: "timeout",
  doc: "How long a call may take. Shortens the deadline that the caller gave, never extends it.",
  sides: ["client"],
  short: "request",
  fields: {
    request: {
      kind: "duration",
      as: "timeoutMs",
      min: "1ms",
      max: "24h",
      doc: "The whole call with all its tries; of a stream, until its end.",
    },
    perTry: {
      kind: "duration",
      as: "perTryMs",
      min: "1ms",
      max: "24h",
      doc: "Each try of a call; of a response stream, until its first message.",
    },
  },
  check(policy): SectionProblem[] {
    const { timeoutMs, perTryMs } = policy;
    if (timeoutMs === undefined && perTryMs === undefined)
      return [{ path: [], why: "it limits nothing", fix: "write request, perTry, or both" }];
    if (timeoutMs !== undefined && perTryMs !== undefined && perTryMs > timeoutMs)
      return [
        { path: ["perTry"], why: "a try may take longer than the whole call", fix: "make it shorter than request" },
      ];
    return [];
  },
};
