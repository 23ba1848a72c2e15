import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { firstLine, launch } from "../grpc/load/running-server.js";
import type { Program } from "../grpc/peers/peers.js";
import type { Passed } from "./virtual-run.js";

/** `storeAway`: how often this process did without the store, because it did not answer in time. */
export interface PassedHere extends Passed {
  readonly storeAway: number;
}

/** How long processes may take to be ready, and bursts to be used up, ms. */
const settleMs = 4000;

/** Processes under one limit at the rates that they are offered; together with a store, which they share, or each for itself. */
export async function runReal(
  limit: string,
  rates: readonly number[],
  seconds: number,
  shared: boolean,
): Promise<readonly PassedHere[]> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-limits-"));
  const socket = join(folder, "store.sock");
  const store = shared ? launch(programOf("store", socket), 0) : undefined;
  try {
    if (store !== undefined) await firstLine(store);
    const from = Date.now() + settleMs;
    const words = shared ? [socket] : [];
    const lines = rates.map((rate, index) =>
      firstLine(launch(programOf("limited", limit, rate, from, from + seconds * 1000, ...words), index % 2)),
    );
    return (await Promise.all(lines)).map((line) => JSON.parse(line) as PassedHere);
  } finally {
    store?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function programOf(name: string, ...words: readonly (string | number)[]): Program {
  const file = fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
  return { command: [process.execPath, file, ...words.map(String)] };
}
