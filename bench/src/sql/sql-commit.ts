/**
 * Where should SQLite transactions commit? Measures a transaction of three statements (read, update, insert) under four ways of
 * running it, and how long the event loop stands still meanwhile. The decision is docs/design/0003-sqlite-in-process.md.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { type Subject, subjects } from "./sql-commit-subjects.js";

/** One measured case. */
export interface Row {
  readonly case: string;
  /** Transactions that are asked for at the same time. */
  readonly clients: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The event loop's busy time for one transaction, waiting for the disk included. */
  readonly loopUsEach: number;
  /** How late a turn of the event loop came, in the worst hundredth and at worst (collections of garbage included). */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

/** Runs every subject at each number of clients, in turns; the best of the rounds counts, because noise only ever adds. */
export async function measure(msEach = 800, rounds = 4): Promise<Row[]> {
  const best = new Map<string, Row>();
  for (let round = 0; round < rounds; round++) {
    for (const clients of [1, 16, 128]) {
      for (const [name, open] of Object.entries(subjects)) {
        const folder = mkdtempSync(join(tmpdir(), "sampan-bench-"));
        const subject = await open(join(folder, "bench.db"));
        await load(subject, clients, 200);
        const row = { case: name, clients, ...(await load(subject, clients, msEach)) };
        await subject.close();
        rmSync(folder, { recursive: true });
        const key = `${clients} ${name}`;
        if (row.perSecond > (best.get(key)?.perSecond ?? 0)) best.set(key, row);
      }
    }
  }
  return [...best.values()];
}

/** What one durable write costs here, without a database: the median of 200, in µs. */
export function fdatasyncUs(): number {
  const folder = mkdtempSync(join(tmpdir(), "sampan-bench-"));
  const file = openSync(join(folder, "log"), "w");
  const page = Buffer.alloc(4_096, 1);
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, page);
    const started = performance.now();
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round(percentile(times, 0.5) * 1_000);
}

async function load({ transaction }: Subject, clients: number, ms: number): Promise<Omit<Row, "case" | "clients">> {
  const latencies: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const busy = performance.eventLoopUtilization();
  delay.enable();
  const started = performance.now();
  const client = async (first: number): Promise<void> => {
    for (let n = first; performance.now() - started < ms; n += clients) {
      const begun = performance.now();
      await transaction(n);
      latencies.push(performance.now() - begun);
      // What a request and its answer are in a server: the next one comes with a later turn of the loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  const seconds = (performance.now() - started) / 1_000;
  delay.disable();
  return {
    perSecond: Math.round(latencies.length / seconds),
    p50Ms: round(percentile(latencies, 0.5)),
    p99Ms: round(percentile(latencies, 0.99)),
    loopUsEach: Math.round((performance.eventLoopUtilization(busy).active * 1_000) / latencies.length),
    loopP99Ms: round(delay.percentile(99) / 1e6),
    loopMaxMs: round(delay.max / 1e6),
  };
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
const round = (value: number): number => Math.round(value * 100) / 100;

if (process.argv[1]?.endsWith("sql-commit.ts")) {
  console.log(`fdatasync of a page: ${fdatasyncUs()} µs`);
  console.table(await measure());
}
