import type { Sample } from "./sample.js";

/** What the suite asks its two processes, one at a time, and what they answer. */
export type Ask = { readonly ask: "sample" } | { readonly ask: "load"; readonly ms: number };

export type Answer =
  | { readonly answer: "ready"; readonly plain: string; readonly tls: string }
  | { readonly answer: "sample"; readonly sample: Sample }
  | { readonly answer: "load"; readonly counts: Counts };

/** What one spell of load has done. */
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
