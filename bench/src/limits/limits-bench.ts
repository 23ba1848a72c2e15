import { type Report, reportMachine } from "../grpc/contest.js";
import type { Bench } from "../harness/bench.js";
import { reach } from "../harness/reach.js";
import { runReal } from "./real-run.js";
import { ruleChanges } from "./rule-change.js";
import { type Passed, runVirtual } from "./virtual-run.js";

const rate = 10_000;
const shapes = [
  { name: "token bucket", limit: `{ rate: ${rate}/s, burst: 1000 }`, skipMs: 1000 },
  { name: "leaky bucket, waiting", limit: `{ rate: ${rate}/s, shape: leaky, maxWait: 200ms }`, skipMs: 1000 },
  { name: "warm-up, when warm", limit: `{ rate: ${rate}/s, shape: warm-up, warmUp: 5s }`, skipMs: 12_000 },
] as const;

export const limitsBench: Bench = {
  name: "limits",
  summary: "accuracy of rate limits, alone and shared by four processes; fairness; time from a rule change to effect",
  async run(report) {
    reportMachine(report);
    for (const { name, limit, skipMs } of shapes) {
      const offered = [{ tenant: "default", perSecond: 2 * rate }];
      const counts = await runVirtual({ limit, offered, skipMs, forMs: 10_000 });
      error(report, `${name}, virtual time`, [...counts.values()], 10, 1);
    }
    for (const { name, limit } of shapes.slice(0, 2)) {
      error(report, `${name}, a process`, await runReal(limit, [2 * rate], 5, false), 5, 1);
    }
    // Uneven, and one of the four below a quarter: what it leaves must reach the others.
    const shared = `{ rate: ${rate}/s, burst: 1000, shared: true }`;
    const passed = await runReal(shared, [1000, 3000, 6000, 10_000], 5, true);
    const away = passed.reduce((sum, { storeAway }) => sum + storeAway, 0);
    error(report, "shared by four processes", passed, 5, 2, `; the store was late ${away} times`);
    await fairness(report);
    const took = await ruleChanges(10);
    const slowest = Math.max(...took);
    const note = `${took.length} changes, ${took.map((ms) => ms.toFixed(0)).join(", ")} ms`;
    report(
      reach({ case: "a rule file changes", metric: "until it holds", value: slowest, unit: "ms", atMost: 1000, note }),
    );
  },
};

function error(
  report: Report,
  name: string,
  counts: readonly Passed[],
  seconds: number,
  atMost: number,
  more = "",
): void {
  const passed = counts.reduce((sum, each) => sum + each.passed, 0) / seconds;
  const offered = counts.reduce((sum, each) => sum + each.offered, 0) / seconds;
  const value = Math.abs(passed / rate - 1) * 100;
  const each = counts.length === 1 ? "" : ` (${counts.map((count) => (count.passed / seconds).toFixed(0)).join(", ")})`;
  const note = `${passed.toFixed(0)}/s${each} of ${offered.toFixed(0)}/s passed${more}`;
  report(reach({ case: `${rate}/s, ${name}`, metric: "error", value, unit: "%", atMost, note }));
}

/** One tenant asks for twenty times its share, ten others for just theirs. */
async function fairness(report: Report): Promise<void> {
  const share = rate / 11;
  const others = Array.from({ length: 10 }, (_, index) => ({ tenant: `tenant-${index}`, perSecond: share }));
  for (const [name, fair] of [
    ["fair", ", fair: tenant"],
    ["not fair", ""],
  ]) {
    const counts = await runVirtual({
      limit: `{ rate: ${rate}/s, burst: 1000${fair} }`,
      offered: [{ tenant: "noisy", perSecond: 20 * share }, ...others],
      skipMs: 1000,
      forMs: 10_000,
    });
    const portions = others.map(({ tenant }) => {
      const { offered = 0, passed = 0 } = counts.get(tenant) ?? {};
      return (passed / Math.min(offered, share * 10)) * 100;
    });
    const value = Math.min(...portions);
    const noisy = (counts.get("noisy")?.passed ?? 0) / 10 / share;
    const note = `the worst of ten; the noisy one got ${noisy.toFixed(2)} of its share`;
    const row = {
      case: `one tenant at 20x its share, ${name}`,
      metric: "others got",
      value,
      unit: "% of their share",
      note,
    };
    report(name === "fair" ? reach({ ...row, atLeast: 95 }) : { ...row, subject: "sampan" });
  }
}
