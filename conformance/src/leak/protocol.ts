import type { Sample } from "./sample.js";

/** What the suite asks its two processes, one at a time, and what they answer. */
export type Ask = { readonly ask: "sample" } | { readonly ask: "load"; readonly turns: Counts };

export type Answer =
  | { readonly answer: "ready"; readonly plain: string; readonly tls: string }
  | { readonly answer: "sample"; readonly sample: Sample }
  | { readonly answer: "done" };

/** How many turns of each kind a spell of load has. */
export interface Counts {
  readonly unary: number;
  readonly streams: number;
  readonly cancelled: number;
  readonly slow: number;
  readonly connects: number;
}

export function callsOf({ unary, streams, cancelled, slow, connects }: Counts): number {
  return unary + streams + cancelled + slow + connects;
}

/** The mixture for so many unary calls. */
export function spellOf(unary: number): Counts {
  const share = (part: number): number => Math.ceil(unary / part);
  return { unary, streams: share(100), cancelled: share(400), slow: share(1000), connects: share(600) };
}
