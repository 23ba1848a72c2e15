/** What one rule document may ask of the reader, so that no source of rules can exhaust the process. All are included. */
export interface RuleLimits {
  /** Of the text, in UTF-8. Default 1 MiB. */
  readonly maxBytes: number;
  /** Default 1000. */
  readonly maxRules: number;
  /** Maps and lists inside one another; the document is the first. Default 20. */
  readonly maxDepth: number;
  /** Values in the document, those that aliases repeat counted each time. Default 100,000. */
  readonly maxValues: number;
  /** Problems that are listed; there may be more. Default 100. */
  readonly maxProblems: number;
}

export const defaultRuleLimits: RuleLimits = {
  maxBytes: 1 << 20,
  maxRules: 1000,
  maxDepth: 20,
  maxValues: 100_000,
  maxProblems: 100,
};
