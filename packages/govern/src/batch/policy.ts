import type { SectionSpec } from "../rules/section.js";

/** How small calls are gathered into one, normalised. How they are joined is in the contract. */
export interface BatchPolicy {
  /** How long the first call of a batch waits for others. */
  readonly maxDelayMs: number;
  readonly maxItems: number;
  /** Of the encoded requests of a batch. */
  readonly maxBytes: number;
}

export const batchSection: SectionSpec<BatchPolicy> = {
  name: "batch",
  doc: "Makes one call of many small ones to a method whose contract names a batch method.",
  sides: ["client"],
  short: "maxDelay",
  fields: {
    maxDelay: {
      kind: "duration",
      doc: "How long the first call of a batch waits for others.",
      as: "maxDelayMs",
      default: "1ms",
      min: "0",
      max: "1s",
    },
    maxItems: { kind: "integer", doc: "Calls in a batch.", default: 100, min: 2, max: 10_000 },
    maxBytes: { kind: "size", doc: "Encoded requests in a batch.", default: "1MiB", min: "1KiB", max: "64MiB" },
  },
};
