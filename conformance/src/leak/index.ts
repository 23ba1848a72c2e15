import type { Suite } from "../runner/suite.js";
import type { Tally } from "../runner/tally.js";
import { callsOf, type Counts } from "./protocol.js";
import { judgeHandles, judgeMemory, type Reading, type Verdict } from "./verdict.js";
import { WatchedProcess } from "./watched-process.js";

const defaultSeconds = 100;
const samples = 25;
/** Until code is compiled, pools are full and tables have their size. */
const warmUpShare = 0.24;
/**
 * An interval of 95 % misses 0 by chance in one run of twenty, so a verdict against is asked for once more: noise does
 * not come back, a leak does.
 */
const attempts = 2;
const attemptShare = 0.38;

const sides = ["server", "client"] as const;

export const leak: Suite = {
  name: "leak",
  summary: "hours of calls, connects, resets and slow readers in minutes: heap and handles of both ends do not grow",
  needsGo: false,
  async run({ tally, options }) {
    const seconds = options.seconds ?? (options.short ? 30 : defaultSeconds);
    const server = await WatchedProcess.start("server-program", options.seedLeak ? ["seed-leak"] : []);
    const client = await WatchedProcess.start("client-program", [server.plain, server.tls].map(target));
    try {
      const ms = (seconds * 1000 * attemptShare) / samples;
      await warmUp(client.process, server.process, seconds * 1000 * warmUpShare);
      await watch(new Watch(server.process, client.process, ms), tally);
    } finally {
      server.process.stop();
      client.process.stop();
    }
  },
};

/** As channels take it; a listener's address names the kind of it. */
function target(address: string): string {
  return address.startsWith("ipv4:") ? address : `ipv4:${address}`;
}

async function warmUp(client: WatchedProcess, server: WatchedProcess, ms: number): Promise<void> {
  // In pieces, because looking at a process is something that warms up too.
  for (let i = 0; i < 5; i++) {
    await client.load(ms / 5);
    await Promise.all([client.sample(), server.sample()]);
  }
}

async function watch(watch: Watch, tally: Tally): Promise<void> {
  const open = new Map<string, (readings: readonly Reading[]) => Verdict>();
  for (const side of sides) {
    open.set(`${side} memory`, (readings) => judgeMemory(readings, side));
    open.set(`${side} handles`, (readings) => judgeHandles(readings, side));
  }
  for (let attempt = 1; open.size > 0; attempt++) {
    const readings = await watch.readings();
    for (const [name, judge] of open) {
      const { fine, text } = judge(readings);
      console.log(`        ${name}: ${text}`);
      if (!fine && attempt < attempts) continue;
      tally.add({ name, result: fine ? "passed" : "failed", ...(fine ? {} : { why: `${text} (the ${attempt}th time)` }) });
      open.delete(name);
    }
  }
  console.log(`        ${watch.summary}`);
}

class Watch {
  private readonly server: WatchedProcess;
  private readonly client: WatchedProcess;
  private readonly ms: number;
  private readonly done: Counts[] = [];

  constructor(server: WatchedProcess, client: WatchedProcess, ms: number) {
    this.server = server;
    this.client = client;
    this.ms = ms;
  }

  async readings(): Promise<Reading[]> {
    const readings: Reading[] = [];
    for (let i = 0; i < samples; i++) {
      this.done.push(await this.client.load(this.ms));
      // One after the other: on few cores they would disturb each other.
      const server = await this.server.sample();
      const client = await this.client.sample();
      readings.push({ calls: this.calls, samples: { server, client } });
    }
    return readings;
  }

  get summary(): string {
    const sum = (pick: (counts: Counts) => number): number => this.done.reduce((all, counts) => all + pick(counts), 0);
    return `unary ${sum((c) => c.unary)}, streams ${sum((c) => c.streams)}, cancelled ${sum((c) => c.cancelled)}, slow ${sum((c) => c.slow)}, connects ${sum((c) => c.connects)}`;
  }

  private get calls(): number {
    return this.done.reduce((all, counts) => all + callsOf(counts), 0);
  }
}
