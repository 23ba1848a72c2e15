import type { Bench } from "../harness/bench.js";
import { median } from "../harness/machine.js";
import { reportMachine } from "./contest.js";
import { goLoad } from "./load/go-load.js";
import { h2load } from "./load/h2load.js";
import { type Load, limitOf, type Measured, measure } from "./load/load.js";
import { RunningServer } from "./load/running-server.js";
import { goProgram, serverOf } from "./peers/peers.js";
import { seconds, stopAll } from "./servers.js";
import { hello } from "./unary-bench.js";

const rounds = 5;

/** Sampled, so that every call is recorded. */
const traceparent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

export const layersBench: Bench = {
  name: "layers",
  summary: "what tracing, metrics and deadlines take of our server's unary calls, 100 in flight on 10 connections",
  async run(report) {
    reportMachine(report);
    const bare = await RunningServer.start(await serverOf("sampan"));
    const layered = await RunningServer.start(await serverOf("sampan"), { BENCH_LAYERS: "1" });
    const constant = (headers: readonly string[]): Load =>
      h2load({ method: "Unary", message: hello, connections: 10, inFlight: 100, headers });
    const unique = goLoad(await goProgram("frames"), { unique: true, connections: 10 });
    try {
      const governed = constant([traceparent, "grpc-timeout: 29S"]);
      for (const { name, without, with: loaded } of [
        { name: "constant headers", without: constant([]), with: governed },
        { name: "unique headers, deadlines in both", without: unique, with: unique },
      ]) {
        const off: Measured[] = [];
        const on: Measured[] = [];
        for (let round = 0; round < rounds; round++) {
          off.push(await measure(without, bare, seconds));
          on.push(await measure(loaded, layered, seconds));
        }
        const rate = (all: readonly Measured[]): number => median(all.map((each) => each.callsPerSecond));
        const price = (all: readonly Measured[]): number =>
          median(all.map((each) => (each.serverShare / each.callsPerSecond) * 1e6));
        const limit = off.map((each) => limitOf(each, "server")).find((note) => note !== undefined);
        const noted = limit === undefined ? {} : { note: limit };
        const row = { case: name, metric: "throughput", unit: "calls/s", peer: "layers off" } as const;
        report({
          case: name,
          subject: "layers off",
          metric: "throughput",
          value: rate(off),
          unit: "calls/s",
          ...noted,
        });
        report({ ...row, subject: "sampan", value: rate(on), ratio: rate(on) / rate(off) });
        const cpu = { ...row, metric: "server CPU", unit: "µs/call" } as const;
        report({ ...cpu, subject: "sampan", value: price(on), ratio: price(on) / price(off) });
      }
    } finally {
      await stopAll([bare, layered]);
    }
  },
};
