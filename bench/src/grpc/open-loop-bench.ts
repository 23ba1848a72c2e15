import type { Bench } from "../harness/bench.js";
import { median } from "../harness/machine.js";
import { compare, reportMachine } from "./contest.js";
import { goLoad } from "./load/go-load.js";
import { h2load } from "./load/h2load.js";
import { measure } from "./load/load.js";
import { RunningServer } from "./load/running-server.js";
import { goProgram, ours, type Subject } from "./peers/peers.js";
import { startServers, stopAll } from "./servers.js";
import { hello } from "./unary-bench.js";

const subjects: readonly Subject[] = ["sampan", "grpc-js", "grpc-go"];
const rounds = 5;
const seconds = 3;
const connections = 10;

export const openLoopBench: Bench = {
  name: "open-loop",
  summary: "latency of unary calls at 70 % of what the slower of grpc-js and grpc-go can answer, arriving at random",
  async run(report) {
    reportMachine(report);
    const servers = await startServers(subjects);
    const floor = await RunningServer.start(ours("fixed-answer"));
    try {
      const peak = h2load({ method: "Unary", message: hello, connections, inFlight: 100 });
      const peaks = new Map<Subject, number>();
      for (const subject of ["grpc-js", "grpc-go"] as const) {
        const server = servers.get(subject) as RunningServer;
        const runs = [await measure(peak, server, 2), await measure(peak, server, 2), await measure(peak, server, 2)];
        peaks.set(subject, median(runs.map(({ callsPerSecond }) => callsPerSecond)));
      }
      const rate = Math.round(Math.min(...peaks.values()) * 0.7);
      const name = "70 % of the slower peer's peak";
      report({ case: name, subject: "grpc-go client", metric: "rate", value: rate, unit: "calls/s" });
      const load = goLoad(await goProgram("pace"), { rate, connections });
      const all = new Map<string, RunningServer>([["fixed answer", floor], ...servers]);
      const latencies = new Map(
        [...all.keys()].map((subject) => [subject, { p50: [] as number[], p99: [] as number[] }]),
      );
      for (let round = 0; round < rounds; round++) {
        for (const [subject, server] of all) {
          const { p50 = Number.NaN, p99 = Number.NaN } = await measure(load, server, seconds);
          latencies.get(subject)?.p50.push(p50);
          latencies.get(subject)?.p99.push(p99);
        }
      }
      for (const metric of ["p50", "p99"] as const) {
        const medians = new Map([...latencies].map(([subject, each]) => [subject, median(each[metric])]));
        for (const [subject, value] of medians) {
          if (subject !== "sampan") report({ case: name, subject, metric, value, unit: "ms" });
        }
        medians.delete("fixed answer");
        compare(report, { case: name, metric, unit: "ms" }, medians as Map<Subject, number>);
      }
    } finally {
      await stopAll([...servers.values(), floor]);
    }
  },
};
