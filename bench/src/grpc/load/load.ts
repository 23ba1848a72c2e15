import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../peers/peers.js";
import { cpuSeconds, launch, loadCore, type RunningServer } from "./running-server.js";

/** What one round of a generator against a server gave. */
export interface Measured {
  readonly callsPerSecond: number;
  /** Milliseconds, of generators that take them. */
  readonly p50?: number;
  readonly p99?: number;
  /** How much of its core each used meanwhile, 0 to 1. */
  readonly serverShare: number;
  readonly loadShare: number;
}

/** A generator with its arguments, which prints what `parse` reads. */
export interface Load {
  program(port: number, seconds: number): Program;
  parse(output: string): { readonly callsPerSecond: number; readonly p50?: number; readonly p99?: number };
}

/** Every generator warms up for a second before it measures. */
const warmUpMs = 1_000;

/** Runs a generator on its core. Rejects when it fails, or is not done ten seconds after it should be. */
export async function measure(load: Load, server: RunningServer, seconds: number): Promise<Measured> {
  const child = launch(load.program(server.port, seconds), loadCore);
  const limit = setTimeout(() => child.kill("SIGKILL"), warmUpMs + seconds * 1_000 + 10_000);
  let output = "";
  child.stdout?.on("data", (chunk) => (output += chunk));
  const closed = once(child, "close") as Promise<[number | null]>;
  const pid = child.pid as number;
  const cpu = (): number[] => [cpuSeconds(server.pid) ?? 0, cpuSeconds(pid) ?? Number.NaN];
  await sleep(warmUpMs + 200);
  const before = cpu();
  const began = performance.now();
  await sleep(seconds * 1_000 - 400);
  const after = cpu();
  const elapsed = (performance.now() - began) / 1_000;
  const [code] = await closed;
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} failed with ${code}:\n${output}`);
  const [serverShare = 0, loadShare = 0] = after.map((value, i) => (value - (before[i] as number)) / elapsed);
  return { ...load.parse(output), serverShare, loadShare };
}

/**
 * Whether a value is about what it is called after. A core counts as full from nine tenths on. Where only the other
 * side's is full, what is measured can do more; where neither is, both wait for each other, or for other processes.
 */
export function limitOf({ serverShare, loadShare }: Measured, measured: "server" | "client"): string | undefined {
  const [own, other] = measured === "server" ? [serverShare, loadShare] : [loadShare, serverShare];
  if (own >= 0.9) return undefined;
  const name = measured === "server" ? "generator" : "server";
  const shares = `${measured} ${percent(own)}, ${name} ${percent(other)} of its core`;
  return other >= 0.9 ? `the ${name} was the limit: ${shares}` : `no core was full: ${shares}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
