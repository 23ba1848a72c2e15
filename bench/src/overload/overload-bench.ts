import type { Report } from "../grpc/contest.js";
import { reportMachine } from "../grpc/contest.js";
import { h2load } from "../grpc/load/h2load.js";
import { measure } from "../grpc/load/load.js";
import { RunningServer } from "../grpc/load/running-server.js";
import { hello } from "../grpc/unary-bench.js";
import type { Bench } from "../harness/bench.js";
import { reach } from "../harness/reach.js";
import { type LoadResult, load, programOf } from "./open-load.js";
import { stepsOf } from "./work.js";

interface Setting {
  readonly name: string;
  readonly maxLoopDelay: string;
  readonly deadlineMs: number;
  readonly factors: readonly number[];
}

/** The default of the rule with callers that wait a quarter of a second, and a stricter one for impatient callers. */
const patient: Setting = { name: "deadline 250 ms", maxLoopDelay: "50ms", deadlineMs: 250, factors: [1, 2, 5, 10] };
const impatient: Setting = { name: "deadline 100 ms", maxLoopDelay: "20ms", deadlineMs: 100, factors: [2, 10] };
/** Shares of the peak, in percent, that must be answered in time at a multiple of it. */
const required: ReadonlyMap<number, number> = new Map([
  [2, 90],
  [10, 80],
]);
const seconds = 2.5;

function rules(maxLoopDelay: string): { readonly BENCH_RULES: string } {
  const rule = `{ name: overload, match: { service: bench.v1.Bench }, shed: { maxLoopDelay: ${maxLoopDelay} } }`;
  return { BENCH_RULES: `rules: [${rule}]` };
}

export const overloadBench: Bench = {
  name: "overload",
  summary: "answers in time at 1x, 2x, 5x and 10x of what a server can do, with and without shedding",
  async run(report) {
    reportMachine(report);
    const work = { BENCH_WORK: String(stepsOf(1)) };
    const plain = await RunningServer.start(programOf("busy-server"), work);
    try {
      let peak = await peakOf(plain);
      for (const setting of [patient, impatient]) {
        const env = { ...work, ...rules(setting.maxLoopDelay) };
        const server = await RunningServer.start(programOf("busy-server"), env);
        try {
          for (const factor of setting.factors) {
            peak = await overloaded(report, { ...setting, factor, how: "shed", peak }, plain, server);
          }
        } finally {
          await server.stop();
        }
      }
      for (const factor of [1, 2, 10]) {
        // Each time another one: it does not recover soon.
        const server = await RunningServer.start(programOf("busy-server"), work);
        const setting = { ...patient, factor, how: "without shedding", peak };
        peak = await overloaded(report, setting, plain, server).finally(() => server.stop());
      }
    } finally {
      await plain.stop();
    }
    await priceOfRefusal(report);
  },
};

/** What the server without shedding can do just now, with 20 calls in flight whose callers wait for their answers. */
async function peakOf(plain: RunningServer): Promise<number> {
  const { goodput } = await load(plain, { rate: 0, deadlineMs: 5000, seconds: 1 });
  return goodput;
}

interface Overload extends Setting {
  readonly factor: number;
  readonly how: string;
  /** Measured just before. */
  readonly peak: number;
}

/**
 * One multiple of the peak, which is measured before and after (and returned): a machine that is shared is not equally
 * fast all the time.
 */
async function overloaded(
  report: Report,
  { name, deadlineMs, factor, how, peak: before }: Overload,
  plain: RunningServer,
  server: RunningServer,
): Promise<number> {
  const result = await load(server, { rate: before * factor, deadlineMs, seconds });
  const after = await peakOf(plain);
  const row = { case: `${factor}x, ${name}, ${how}`, subject: "sampan" } as const;
  const share = (result.goodput / ((before + after) / 2)) * 100;
  const value = { case: row.case, metric: "goodput", value: share, unit: "% of peak" } as const;
  const note = `peak ${before.toFixed(0)} and ${after.toFixed(0)}/s; ${became(result)}`;
  const atLeast = how === "shed" ? required.get(factor) : undefined;
  report(atLeast === undefined ? { ...value, subject: "sampan", note } : reach({ ...value, atLeast, note }));
  if (result.p50 === null || result.p99 === null) return after;
  report({ ...row, metric: "p50 in time", value: result.p50, unit: "ms" });
  report({ ...row, metric: "p99 in time", value: result.p99, unit: "ms" });
  return after;
}

function became({ goodput, offered, refused, late, failed, failure, sentP99, seconds }: LoadResult): string {
  const perSecond = (count: number): string => (count / seconds).toFixed(0);
  const parts = [
    `${perSecond(offered)}/s came: ${goodput.toFixed(0)} in time, ${perSecond(refused)} refused, ${perSecond(late)} late`,
  ];
  if (failed > 0) parts.push(`${perSecond(failed)} failed: ${failure}`);
  if ((sentP99 ?? 0) > 10) parts.push(`the generator sent up to ${sentP99?.toFixed(0)} ms late`);
  return parts.join("; ");
}

/** What the server pays for a call that it refuses, and for one that it answers without any work. */
async function priceOfRefusal(report: Report): Promise<void> {
  const flood = h2load({ method: "Unary", message: hello, connections: 10, inFlight: 100 });
  for (const [what, env] of [
    ["refused", { ...rules("50ms"), BENCH_ALWAYS_OVERLOADED: "1" }],
    ["answered", rules("50ms")],
  ] as const) {
    const server = await RunningServer.start(programOf("busy-server"), env);
    try {
      const { callsPerSecond, serverShare } = await measure(flood, server, 2);
      const value = (serverShare / callsPerSecond) * 1e6;
      const note = `${callsPerSecond.toFixed(0)}/s; from octets in to octets out`;
      report({ case: `a call that is ${what}`, subject: "sampan", metric: "server CPU", value, unit: "µs", note });
    } finally {
      await server.stop();
    }
  }
}
