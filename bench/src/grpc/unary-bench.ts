import { create, toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../gen/bench_pb.js";
import type { Bench } from "../harness/bench.js";
import { contest, reportMachine } from "./contest.js";
import { goLoad } from "./load/go-load.js";
import { h2load } from "./load/h2load.js";
import { type Load, measure } from "./load/load.js";
import { goProgram, type Subject } from "./peers/peers.js";
import { reportHeadroom, seconds, startServers, stopAll } from "./servers.js";

const subjects: readonly Subject[] = ["sampan", "grpc-js", "grpc-go", "connect-node", "nice-grpc", "tonic"];

export const hello: Uint8Array = toBinary(MessageSchema, create(MessageSchema, { text: "hello", number: 1 }));

export const unaryBench: Bench = {
  name: "unary",
  summary: "unary calls a second that a gRPC server answers on one core, 100 in flight on each connection",
  async run(report) {
    reportMachine(report);
    const cases = await unaryCases();
    await reportHeadroom(report, cases);
    const servers = await startServers(subjects);
    try {
      for (const [name, load] of cases) {
        const runs = new Map([...servers].map(([subject, server]) => [subject, () => measure(load, server, seconds)]));
        await contest(report, runs, { case: name, unit: "calls/s", rounds: 3, priced: "server" });
      }
    } finally {
      await stopAll(servers.values());
    }
  },
};

/**
 * Constant headers come from h2load, which cannot vary them. Unique ones (`grpc-timeout` and `traceparent` of each
 * call's own) come from `frames`; it also sends constant ones, which says how the two generators compare.
 */
async function unaryCases(): Promise<ReadonlyMap<string, Load>> {
  const frames = await goProgram("frames");
  const cases = new Map<string, Load>();
  for (const connections of [1, 10]) {
    const on = connections === 1 ? "1 connection" : `${connections} connections`;
    cases.set(`constant headers, ${on}`, h2load({ method: "Unary", message: hello, connections, inFlight: 100 }));
    cases.set(`unique headers, ${on}`, goLoad(frames, { unique: true, connections }));
    cases.set(`constant headers by frames, ${on}`, goLoad(frames, { connections }));
  }
  return cases;
}
