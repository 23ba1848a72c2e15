import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.js";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * An id of 26 lower-case characters (Crockford base 32) that sorts by creation time to the millisecond: 10 characters of
 * time, 16 of randomness (80 bits). Short enough for a pay platform's trade number (32 characters).
 */
export function sortableId(clock: Clock): string {
  let time = clock.now();
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = alphabet[time % 32] + text;
    time = Math.floor(time / 32);
  }
  for (const byte of randomBytes(16)) text += alphabet[byte % 32];
  return text;
}
