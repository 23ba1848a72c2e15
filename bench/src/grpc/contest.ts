import { cpus } from "node:os";
import type { Row } from "../harness/bench.js";
import { machine, median } from "../harness/machine.js";
import { limitOf, type Measured } from "./load/load.js";
import { type Subject, versionOf } from "./peers/peers.js";

export type Report = (row: Omit<Row, "bench">) => void;

export interface ContestOptions {
  readonly case: string;
  readonly unit: string;
  readonly rounds: number;
  /** Of one call, in `unit`. Default 1. */
  readonly perCall?: number;
  /** Whose CPU a call is priced at. */
  readonly priced: "server" | "client";
}

/**
 * Measures the subjects in turn, round after round, so that what else the machine does meets all of them, and reports
 * the medians: each peer's own value, then ours against each. `sampan` must be among them.
 */
export async function contest(
  report: Report,
  runs: ReadonlyMap<Subject, () => Promise<Measured>>,
  options: ContestOptions,
): Promise<ReadonlyMap<Subject, number>> {
  const { case: name, unit, rounds, perCall = 1, priced } = options;
  const results = new Map<Subject, Measured[]>([...runs.keys()].map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [subject, run] of runs) results.get(subject)?.push(await run());
  }
  const values = new Map<Subject, number>();
  const cost = new Map<Subject, number>();
  for (const [subject, measured] of results) {
    values.set(subject, median(measured.map(({ callsPerSecond }) => callsPerSecond)) * perCall);
    const shares = measured.map(({ callsPerSecond, serverShare, loadShare }) => {
      const share = priced === "server" ? serverShare : loadShare;
      return (share / callsPerSecond / perCall) * 1e6;
    });
    cost.set(subject, median(shares));
  }
  const limits = new Map([...results].map(([subject, measured]) => [subject, limitNote(measured, priced)]));
  for (const [subject, value] of values) {
    if (subject === "sampan") continue;
    const note = [versionOf(subject), limits.get(subject)].filter((part) => part !== undefined).join("; ");
    report({ case: name, subject, metric: "throughput", value, unit, note });
  }
  compare(report, { case: name, metric: "throughput", unit }, values, limits.get("sampan"));
  compare(report, { case: name, metric: `${priced} CPU`, unit: `µs/${unit.replace(/s\/s$/, "")}` }, cost);
  return values;
}

/** Ours against each peer; for times and memory a ratio below 1 is better. */
export function compare(
  report: Report,
  row: { readonly case: string; readonly metric: string; readonly unit: string },
  values: ReadonlyMap<Subject, number>,
  note?: string,
): void {
  const value = values.get("sampan");
  if (value === undefined) throw new TypeError("a contest without sampan");
  const peers = [...values].filter(([subject]) => subject !== "sampan");
  const noted = note === undefined ? {} : { note };
  if (peers.length === 0) report({ ...row, subject: "sampan", value, ...noted });
  for (const [peer, theirs] of peers) {
    report({ ...row, subject: "sampan", value, peer, ratio: value / theirs, ...noted });
  }
}

/** The row that says where all others were measured. */
export function reportMachine(report: Report): void {
  const row = { case: "environment", subject: "machine", metric: "cores", unit: "cores" } as const;
  report({ ...row, value: cpus().length, note: machine() });
}

function limitNote(measured: readonly Measured[], priced: "server" | "client"): string | undefined {
  const limited = measured.map((each) => limitOf(each, priced)).filter((note) => note !== undefined);
  return limited.length > measured.length / 2 ? limited[0] : undefined;
}
