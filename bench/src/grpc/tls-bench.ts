import type { Bench } from "../harness/bench.js";
import { contest, reportMachine } from "./contest.js";
import { h2load } from "./load/h2load.js";
import { measure } from "./load/load.js";
import { certificate } from "./peers/certificate.js";
import type { Subject } from "./peers/peers.js";
import { seconds, startServers, stopAll } from "./servers.js";
import { hello } from "./unary-bench.js";

const subjects: readonly Subject[] = ["sampan", "grpc-js", "grpc-go", "connect-node", "nice-grpc", "tonic"];

export const tlsBench: Bench = {
  name: "tls",
  summary: "unary calls a second over TLS 1.3, 100 in flight on each connection",
  async run(report) {
    reportMachine(report);
    const servers = await startServers(subjects, await certificate());
    try {
      for (const connections of [1, 10]) {
        const load = h2load({ method: "Unary", message: hello, connections, inFlight: 100, tls: true });
        const runs = new Map([...servers].map(([subject, server]) => [subject, () => measure(load, server, seconds)]));
        const name = `constant headers, ${connections === 1 ? "1 connection" : `${connections} connections`}`;
        await contest(report, runs, { case: name, unit: "calls/s", rounds: 3, priced: "server" });
      }
    } finally {
      await stopAll(servers.values());
    }
  },
};
