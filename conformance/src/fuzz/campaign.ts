import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tally } from "../runner/tally.js";
import { Random } from "./random.js";
import { formatScript, parseScript, type Step, type Target } from "./target.js";

/** A script takes milliseconds; one that waits for something that does not come has failed. */
const attemptTimeoutMs = 10_000;

/** The seeds of one target, then random scripts until the time is over. Ends at the first failure, with a short script. */
export async function campaign(
  target: Target,
  seeds: string,
  seed: number,
  seconds: number,
  tally: Tally,
): Promise<void> {
  const folder = join(seeds, target.name);
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const name = `${target.name}/${file}`;
    const failure = await attempt(target, parseScript(readFileSync(join(folder, file), "utf8")));
    tally.add(failure === undefined ? { name, result: "passed" } : { name, result: "failed", why: failure });
  }
  const until = performance.now() + seconds * 1000;
  let scripts = 0;
  let failure: string | undefined;
  while (failure === undefined && performance.now() < until) {
    const number = (seed + scripts) >>> 0;
    const steps = target.generate(new Random(number));
    failure = await attempt(target, steps);
    scripts++;
    if (failure === undefined) continue;
    const short = await shorten(target, steps);
    failure = `${await attempt(target, short)}\nseed ${number}; keep this under conformance/seeds/${target.name}/ once it is fixed:\n${formatScript(short)}`;
  }
  const name = `${target.name}: ${scripts} random scripts from seed ${seed}`;
  tally.add(failure === undefined ? { name, result: "passed" } : { name, result: "failed", why: failure });
  target.close?.();
}

async function attempt(target: Target, steps: readonly Step[]): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const running = target.run(steps);
    if (running === undefined) return undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("it does not end")), attemptTimeoutMs);
    });
    await Promise.race([running, late]);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  } finally {
    clearTimeout(timer);
  }
}

/** Leaves out whatever the failure does not need: halves first, then single steps. */
async function shorten(target: Target, steps: readonly Step[]): Promise<readonly Step[]> {
  let kept = steps;
  const until = performance.now() + 5000;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && performance.now() < until; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if ((await attempt(target, fewer)) === undefined) at += size;
      else kept = fewer;
    }
  }
  return kept;
}
