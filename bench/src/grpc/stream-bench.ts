import { create, toBinary } from "@bufbuild/protobuf";
import { StreamRequestSchema } from "../gen/bench_pb.js";
import type { Bench } from "../harness/bench.js";
import { contest, reportMachine } from "./contest.js";
import { goLoad } from "./load/go-load.js";
import { h2load } from "./load/h2load.js";
import { type Load, measure } from "./load/load.js";
import { goProgram, type Program, type Subject } from "./peers/peers.js";
import { seconds, startServers, stopAll } from "./servers.js";

const subjects: readonly Subject[] = ["sampan", "grpc-js", "grpc-go", "tonic"];

interface StreamCase {
  readonly name: string;
  readonly load: Load;
  /** Octets that a call brings from the server, and messages. */
  readonly octets: number;
  readonly messages: number;
}

export const streamBench: Bench = {
  name: "stream",
  summary: "messages a second that a gRPC server streams on one core: server streams, and bidi ping-pong",
  async run(report, { rounds = 3 } = {}) {
    reportMachine(report);
    const cases = streamCases(await goProgram("client"));
    const servers = await startServers(subjects);
    try {
      for (const { name, load, octets, messages } of cases) {
        const runs = new Map([...servers].map(([subject, server]) => [subject, () => measure(load, server, seconds)]));
        const options = { case: name, unit: "messages/s", rounds, perCall: messages, priced: "server" } as const;
        const rates = await contest(report, runs, options);
        for (const [subject, rate] of rates) {
          const value = (rate / messages) * (octets / 1e6);
          report({ case: name, subject, metric: "bandwidth", value, unit: "MB/s" });
        }
      }
    } finally {
      await stopAll(servers.values());
    }
  },
};

function streamCases(client: Program): StreamCase[] {
  const streamed = (size: number, count: number, inFlight: number): Omit<StreamCase, "name"> => {
    const message = toBinary(StreamRequestSchema, create(StreamRequestSchema, { size, count }));
    const load = h2load({ method: "ServerStream", message, connections: 1, inFlight });
    return { load, octets: size * count, messages: count };
  };
  const pingPong = (size: number, streams: number): Omit<StreamCase, "name"> => {
    const load = goLoad(client, { bidi: size, connections: 1, "in-flight": streams });
    return { load, octets: size, messages: 1 };
  };
  return [
    { name: "server stream, 1 KB, 10 streams", ...streamed(1024, 1000, 10) },
    { name: "server stream, 1 MB, 4 streams", ...streamed(1 << 20, 8, 4) },
    { name: "bidi ping-pong, 1 KB, 100 streams", ...pingPong(1024, 100) },
    { name: "bidi ping-pong, 1 MB, 4 streams", ...pingPong(1 << 20, 4) },
  ];
}
