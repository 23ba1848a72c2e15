import type { Bench } from "../harness/bench.js";
import { signatureCases, tokenCases } from "./token-bench.js";

/** Something that is done many times, one after the other. */
export interface IdentityCase {
  readonly name: string;
  /** In a round; a round before the measured ones warms up. */
  readonly calls: number;
  /** What is measured, ready. */
  prepare(): Promise<() => Promise<unknown>>;
}

const cases: readonly IdentityCase[] = [...tokenCases, ...signatureCases];
const defaultRounds = 2;

export const identityBench: Bench = {
  name: "identity",
  summary: "what it costs to know who is calling: tokens and signed requests",
  async run(report, { rounds = defaultRounds } = {}) {
    for (const { name, calls, prepare } of cases) {
      const work = await prepare();
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round <= Math.min(rounds, 2); round++) {
        const started = performance.now();
        for (let i = 0; i < calls; i++) await work();
        if (round > 0) best = Math.min(best, ((performance.now() - started) * 1000) / calls);
      }
      report({ case: name, subject: "sampan", metric: "time per check", value: best, unit: "µs", note: "best round" });
    }
  },
};
