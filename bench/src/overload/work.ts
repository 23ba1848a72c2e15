import { pbkdf2Sync } from "node:crypto";

/**
 * Work that takes processor time and nothing else. A number of steps, not a time, so that a pause does not shorten it; in
 * native code, so that it takes as long in each process, whatever the compiler made of that.
 */
export function work(steps: number): void {
  if (steps > 0) pbkdf2Sync("", "", steps, 32, "sha256");
}

/** The steps that take `ms` here: of several tries the fastest, which other processes have disturbed least. */
export function stepsOf(ms: number): number {
  const tried = 20_000;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 40; i++) {
    const began = performance.now();
    work(tried);
    best = Math.min(best, performance.now() - began);
  }
  return Math.round((tried * ms) / best);
}
