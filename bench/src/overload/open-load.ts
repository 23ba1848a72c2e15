import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuSeconds, launch, loadCore, type RunningServer } from "../grpc/load/running-server.js";
import type { Program } from "../grpc/peers/peers.js";
import type { Outcome } from "./outcome.js";

/** A program of this bench, compiled. */
export function programOf(name: string, ...words: readonly (string | number)[]): Program {
  const file = fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
  return { command: [process.execPath, file, ...words.map(String)] };
}

export interface LoadOptions {
  /** Calls a second; 0 for a closed loop of two calls on each connection. */
  readonly rate: number;
  readonly deadlineMs: number;
  readonly seconds: number;
}

export interface LoadResult extends Outcome {
  /** Answers in time, per second. */
  readonly goodput: number;
  /** Processor seconds a second that the server used while it was measured. */
  readonly serverShare: number;
}

const connections = 10;
/** Long enough for both sides to be compiled, and for a queue to have its length. */
const warmUpMs = 1500;

/** One run of the generator on its core. Rejects when it fails. */
export async function load(server: RunningServer, { rate, deadlineMs, seconds }: LoadOptions): Promise<LoadResult> {
  const words = [server.port, rate, seconds, deadlineMs, connections, warmUpMs];
  const child = launch(programOf("open-load", ...words), loadCore);
  const limit = setTimeout(() => child.kill("SIGKILL"), warmUpMs + seconds * 1000 + 15_000);
  let output = "";
  child.stdout?.on("data", (chunk) => (output += chunk));
  const closed = once(child, "close") as Promise<[number | null]>;
  await sleep(warmUpMs + 300);
  const [before, began] = [cpuSeconds(server.pid) ?? Number.NaN, performance.now()];
  await sleep(seconds * 1000 - 600);
  const serverShare = ((cpuSeconds(server.pid) ?? Number.NaN) - before) / ((performance.now() - began) / 1000);
  const [code] = await closed;
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} failed with ${code}:\n${output}`);
  const outcome = JSON.parse(output) as Outcome;
  return { ...outcome, goodput: outcome.inTime / outcome.seconds, serverShare };
}
