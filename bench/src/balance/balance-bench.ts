import { fileURLToPath } from "node:url";
import { type BalancerName, balancers } from "@sampan/discovery";
import { type Report, reportMachine } from "../grpc/contest.js";
import { firstLine, launch, loadCore, RunningServer } from "../grpc/load/running-server.js";
import type { Program } from "../grpc/peers/peers.js";
import type { Bench } from "../harness/bench.js";
import { reach } from "../harness/reach.js";
import { pickCost } from "./pick-cost.js";
import { scenarios } from "./scenario.js";
import { type Simulated, simulate } from "./simulate.js";

const names = Object.keys(balancers) as BalancerName[];
const peer = "round-robin";
/** What a cluster uses when nothing is said. */
const usual = "power-of-two";

export const balanceBench: Bench = {
  name: "balance",
  summary: "p99 under one slow instance with each balancer, simulated and over gRPC, and the cost of a pick",
  async run(report) {
    reportMachine(report);
    for (const { name, instances, watched } of scenarios) {
      const results = new Map(names.map((balancer) => [balancer, simulate(balancer, { name, instances, watched })]));
      const share = ({ calls }: Simulated): number => {
        const total = calls.reduce((sum, each) => sum + each, 0);
        return (
          calls.reduce((sum, each, i) => (watched(instances[i] as (typeof instances)[number]) ? sum + each : sum), 0) /
          total
        );
      };
      const noted = (result: Simulated): string =>
        `p50 ${result.p50.toFixed(1)}, mean ${result.mean.toFixed(1)} ms; ${(share(result) * 100).toFixed(1)} % of calls ${shareOf(name)}; ${(result.failed * 100).toFixed(1)} % over the deadline`;
      compared(report, `simulated: ${name}`, results, noted);
      if (name.includes("20x slower")) required(report, `simulated: ${name}`, results);
    }
    await overGrpc(report);
    for (const endpoints of [3, 10, 100, 1000]) {
      for (const balancer of names) {
        const row = { case: `a pick of ${endpoints} endpoints`, subject: balancer, metric: "time", unit: "ns" };
        report({ ...row, value: pickCost(balancer, endpoints) });
      }
    }
  },
};

function shareOf(scenario: string): string {
  return scenario === "all alike" ? "at all ten" : "there";
}

function compared<R extends { readonly p99: number }>(
  report: Report,
  name: string,
  results: ReadonlyMap<BalancerName, R>,
  noted: (result: R) => string,
): void {
  const base = results.get(peer)?.p99 ?? Number.NaN;
  for (const [balancer, result] of results) {
    const row = { case: name, subject: balancer, metric: "p99", value: result.p99, unit: "ms", note: noted(result) };
    report(balancer === peer ? row : { ...row, peer, ratio: result.p99 / base });
  }
}

function required(report: Report, name: string, results: ReadonlyMap<BalancerName, { readonly p99: number }>): void {
  const value = (results.get(usual)?.p99 ?? Number.NaN) / (results.get(peer)?.p99 ?? Number.NaN);
  report(reach({ case: name, metric: `p99 of ${usual}`, value, unit: `x ${peer}`, atMost: 0.5 }));
}

interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  readonly calls: readonly number[];
}

const rate = 600;
const seconds = 5;

/** Three instances of which one takes 20 times longer, in processes of their own on one core; their caller on the other. */
async function overGrpc(report: Report): Promise<void> {
  const servers: RunningServer[] = [];
  try {
    for (const [number, ms] of [100, 5, 5].entries()) {
      servers.push(await RunningServer.start(programOf("instance", number, ms)));
    }
    const results = new Map<BalancerName, Measured>();
    for (const balancer of ["round-robin", "least-in-flight", "power-of-two"] as const) {
      const program = programOf("balanced-load", balancer, rate, seconds, ...servers.map(({ port }) => port));
      results.set(balancer, JSON.parse(await firstLine(launch(program, loadCore))) as Measured);
    }
    const name = `over gRPC: one of three takes 100 ms, the others 5 ms, ${rate}/s`;
    compared(report, name, results, ({ p50, mean, calls }) => {
      const total = calls.reduce((sum, each) => sum + each, 0);
      const shares = calls.map((each) => `${((each / total) * 100).toFixed(1)} %`).join(", ");
      return `p50 ${p50.toFixed(1)}, mean ${mean.toFixed(1)} ms; calls: ${shares}`;
    });
    required(report, name, results);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function programOf(name: string, ...words: readonly (string | number)[]): Program {
  const file = fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
  return { command: [process.execPath, file, ...words.map(String)] };
}
