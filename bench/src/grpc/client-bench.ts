import type { Bench } from "../harness/bench.js";
import { contest, reportMachine } from "./contest.js";
import { clientLoad, goLoad } from "./load/go-load.js";
import { type Load, measure } from "./load/load.js";
import { RunningServer } from "./load/running-server.js";
import { clientOf, goProgram, ours, type Subject } from "./peers/peers.js";
import { reportHeadroom, seconds } from "./servers.js";

const subjects: readonly Subject[] = ["sampan", "grpc-js", "grpc-go", "connect-node", "nice-grpc"];

export const clientBench: Bench = {
  name: "client",
  summary: "unary calls a second that a gRPC client makes on one core, against one server that can answer more",
  async run(report) {
    reportMachine(report);
    const frames = await goProgram("frames");
    const connections = [1, 10];
    await reportHeadroom(
      report,
      new Map(connections.map((count) => [caseOf(count), goLoad(frames, { connections: count, unique: true })])),
    );
    const server = await RunningServer.start(ours("fixed-answer"));
    try {
      for (const count of connections) {
        const loads = await Promise.all(
          subjects.map(async (subject) => [subject, await load(subject, count)] as const),
        );
        const runs = new Map(loads.map(([subject, each]) => [subject, () => measure(each, server, seconds)]));
        await contest(report, runs, { case: caseOf(count), unit: "calls/s", rounds: 3, priced: "client" });
      }
    } finally {
      await server.stop();
    }
  },
};

async function load(subject: Subject, connections: number): Promise<Load> {
  const program = await clientOf(subject);
  if (subject === "grpc-go") return goLoad(program, { connections, "in-flight": 100 });
  return clientLoad(program, connections, 100);
}

function caseOf(connections: number): string {
  return `100 in flight on ${connections === 1 ? "1 connection" : `each of ${connections} connections`}`;
}
