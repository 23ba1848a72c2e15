import type { Clock } from "@sampan/core";

/** After so long without a word a person wonders, in ms. */
const patienceMs = 1000;

/** Says that a start is under way, once, if it takes long. The returned function ends the waiting. */
export function announceSlowStart(clock: Clock, print: (line: string) => void): () => void {
  return clock.timer(patienceMs, () => print("sampan: starting …"), { background: true });
}
