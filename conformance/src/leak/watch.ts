import { type Counts, callsOf, spellOf } from "./protocol.js";
import type { Reading } from "./verdict.js";
import type { WatchedProcess } from "./watched-process.js";

/** Smaller spells drown in what a look at the processes costs. */
const leastUnary = 1000;

/** Loads two processes and looks at them after each spell. */
export class Watch {
  private readonly server: WatchedProcess;
  private readonly client: WatchedProcess;
  private readonly done: Counts[] = [];
  /** Unary calls and their mixture, in one millisecond. */
  private rate = 1;

  constructor(server: WatchedProcess, client: WatchedProcess) {
    this.server = server;
    this.client = client;
  }

  /** For about so long, in spells that grow with the rate that they find. */
  async warmUp(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let spell = ms / 20; performance.now() < until; spell = Math.min(ms / 5, until - performance.now())) {
      await this.spell(this.sized(spell));
      await this.look();
    }
  }

  /** All spells have the same size, so that what depends on the load is the same at each look. */
  async readings(count: number, ms: number): Promise<Reading[]> {
    const turns = this.sized((ms / count) * 0.7);
    const readings: Reading[] = [];
    for (let i = 0; i < count; i++) {
      await this.spell(turns);
      readings.push(await this.look());
    }
    return readings;
  }

  get summary(): string {
    const sum = (kind: keyof Counts): number => this.done.reduce((all, counts) => all + counts[kind], 0);
    const kinds = ["unary", "streams", "cancelled", "slow", "connects"] as const;
    return `in all: ${kinds.map((kind) => `${kind} ${sum(kind)}`).join(", ")}`;
  }

  private sized(ms: number): Counts {
    return spellOf(Math.max(leastUnary, Math.round(this.rate * ms)));
  }

  private async spell(turns: Counts): Promise<void> {
    const started = performance.now();
    await this.client.load(turns);
    this.rate = turns.unary / (performance.now() - started);
    this.done.push(turns);
  }

  private async look(): Promise<Reading> {
    const [server, client] = await Promise.all([this.server.sample(), this.client.sample()]);
    return { calls: this.done.reduce((all, counts) => all + callsOf(counts), 0), samples: { server, client } };
  }
}
