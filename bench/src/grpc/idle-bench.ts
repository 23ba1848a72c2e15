import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../harness/bench.js";
import { median } from "../harness/machine.js";
import { compare, reportMachine } from "./contest.js";
import { goLoad } from "./load/go-load.js";
import { firstLine, launch, loadCore, RunningServer } from "./load/running-server.js";
import { goProgram, type Subject, serverOf } from "./peers/peers.js";

const subjects: readonly Subject[] = ["sampan", "grpc-js", "grpc-go"];
const rounds = 3;

interface Crowd {
  readonly name: string;
  readonly connections: number;
  readonly streams: number;
  readonly count: number;
}

const crowds: readonly Crowd[] = [
  { name: "1000 connections without streams", connections: 1000, streams: 0, count: 1000 },
  { name: "10000 streams on 100 connections", connections: 100, streams: 100, count: 10_000 },
];

export const idleBench: Bench = {
  name: "idle",
  summary: "resident memory of a server for each connection and each bidi stream that is open and idle",
  async run(report) {
    reportMachine(report);
    for (const crowd of crowds) {
      const sizes = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
      for (let round = 0; round < rounds; round++) {
        for (const subject of subjects) sizes.get(subject)?.push((await growth(subject, crowd)) / crowd.count);
      }
      const row = { case: crowd.name, metric: "memory", unit: "B each" };
      const medians = new Map([...sizes].map(([subject, all]) => [subject, median(all)]));
      for (const [subject, value] of medians) if (subject !== "sampan") report({ ...row, subject, value });
      compare(report, row, medians);
    }
  },
};

/**
 * Octets by which a fresh server grows. A tenth of the crowd comes first and stays, so that code and first buffers are
 * not counted. Each server collects its garbage as it likes: what is measured is what an operator sees.
 */
async function growth(subject: Subject, crowd: Crowd): Promise<number> {
  const server = await RunningServer.start(await serverOf(subject));
  try {
    const first = await open(server, { ...crowd, connections: Math.ceil(crowd.connections / 10) });
    const before = server.rss();
    const rest = await open(server, crowd);
    const grown = server.rss() - before;
    await Promise.all([first(), rest()]);
    return grown;
  } finally {
    await server.stop();
  }
}

async function open(server: RunningServer, { connections, streams }: Crowd): Promise<() => Promise<void>> {
  const load = goLoad(await goProgram("frames"), { idle: true, connections, "in-flight": streams });
  const child = launch(load.program(server.port, 1), loadCore);
  await firstLine(child);
  await sleep(1_000);
  return async () => {
    const ended = once(child, "exit");
    child.stdin?.end();
    await ended;
  };
}
