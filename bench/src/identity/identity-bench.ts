import { reportMachine } from "../grpc/contest.js";
import type { Bench } from "../harness/bench.js";
import { certificateCases } from "./certificate-bench.js";
import { connectionBench } from "./connection-bench.js";
import { signatureCases, tokenCases } from "./token-bench.js";

/** Something that is done many times, one after the other. */
export interface IdentityCase {
  readonly name: string;
  /** In a round; a round before the measured ones warms up. */
  readonly calls: number;
  /** What is measured, ready. */
  prepare(): Promise<() => Promise<unknown>>;
}

const cases: readonly IdentityCase[] = [...tokenCases, ...signatureCases, ...certificateCases];
/** Of the cases in this process. */
const ownRounds = 2;
/** Of connections and calls between processes. */
const defaultRounds = 3;

export const identityBench: Bench = {
  name: "identity",
  summary: "what it costs to know who is calling: tokens, signed requests, certificates, mTLS beside plain",
  async run(report, { rounds = defaultRounds } = {}) {
    reportMachine(report);
    for (const { name, calls, prepare } of cases) {
      const work = await prepare();
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round <= ownRounds; round++) {
        const started = performance.now();
        for (let i = 0; i < calls; i++) await work();
        if (round > 0) best = Math.min(best, ((performance.now() - started) * 1000) / calls);
      }
      const row = { case: name, subject: "sampan", note: "one after the other, best round" };
      report({ ...row, metric: "time", value: best, unit: "µs" });
      report({ ...row, metric: "throughput", value: 1e6 / best, unit: "/s" });
    }
    await connectionBench(report, rounds);
  },
};
