import { spawnSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";

/** What a figure was measured on, in a line. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model ?? "unknown CPU"}, ${cpus().length} cores, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}`;
}

/** The words before a command that keep it on one core; none where that is not possible. */
export function pinned(core: number): readonly string[] {
  const possible = cpus().length > core && spawnSync("taskset", ["--version"]).status === 0;
  return possible ? ["taskset", "-c", String(core)] : [];
}

/** Keeps this process on one core; false where that is not possible. */
export function pinSelf(core: number): boolean {
  if (cpus().length <= core) return false;
  return spawnSync("taskset", ["-a", "-p", "-c", String(core), String(process.pid)]).status === 0;
}

/** The middle value; of an even number of values the lower of the two. Throws `RangeError` for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError("no values, no median");
  return middle;
}
