import { CertificateErrors } from "../certificate-errors.js";
import { defaultLives, type Lives, longestSvidMs } from "./authority-state.js";

/** Certificates tell time in seconds. */
const leastMs = 1000;
/** Certificates beyond 2049 are written in another form, and nobody waits for them. */
const mostMs = 20 * 365 * 86_400_000;

/**
 * Fills in the defaults. Throws `AUTHORITY_SETTINGS` when something would be cut short: a certificate must not outlive
 * what has signed it, which signs for half of its own life.
 */
export function requireLives(given: Partial<Lives> = {}): Lives {
  const lives = { ...defaultLives, ...given };
  for (const field of ["rootMs", "intermediateMs", "svidMs", "overlapMs"] as const) {
    const value = lives[field];
    if (!Number.isSafeInteger(value) || value < leastMs || value > mostMs) {
      throw bad(field, `${value} is not a whole number of milliseconds from ${leastMs} to ${mostMs}`);
    }
  }
  if (lives.svidMs > longestSvidMs(lives)) throw bad("svidMs", "it is more than half of an intermediate's life");
  if (lives.intermediateMs > lives.rootMs / 2) throw bad("intermediateMs", "it is more than half of a root's life");
  if (lives.overlapMs > lives.rootMs / 4) throw bad("overlapMs", "it is more than a quarter of a root's life");
  return lives;
}

function bad(field: string, why: string): Error {
  return CertificateErrors.AUTHORITY_SETTINGS({ field, why });
}
