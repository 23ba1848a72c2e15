import { type Slope, slopeOf } from "./regression.js";
import type { Sample } from "./sample.js";

/** One look at both processes after so many calls. */
export interface Reading {
  readonly calls: number;
  readonly samples: Readonly<Record<"server" | "client", Sample>>;
}

/** Octets a call that are too many, whatever the noise. */
const limit = 1;

export interface Verdict {
  readonly fine: boolean;
  readonly text: string;
}

export const questions = ["server memory", "server handles", "client memory", "client handles"] as const;

export type Question = (typeof questions)[number];

export function judge(question: Question, readings: readonly Reading[]): Verdict {
  const [side, what] = question.split(" ") as ["server" | "client", "memory" | "handles"];
  return what === "memory" ? judgeMemory(readings, side) : judgeHandles(readings, side);
}

/** The interval of the slope contains 0 and ends below one octet a call. */
function judgeMemory(readings: readonly Reading[], side: "server" | "client"): Verdict {
  const slope = slopeOf(readings.map(({ calls, samples }) => ({ x: calls, y: samples[side].held })));
  return { fine: slope.low <= 0 && slope.high >= 0 && slope.high < limit, text: describe(slope, readings, side) };
}

/** Handles are no more in the second half than in the first: what a spell opens is closed when it is over. */
function judgeHandles(readings: readonly Reading[], side: "server" | "client"): Verdict {
  const counts = readings.map(({ samples }) => samples[side].handles);
  const half = Math.floor(counts.length / 2);
  const before = Math.max(...counts.slice(0, half));
  const after = Math.max(...counts.slice(half));
  return { fine: after <= before, text: `at most ${before} in the first half, ${after} in the second` };
}

function describe({ value, low, high }: Slope, readings: readonly Reading[], side: "server" | "client"): string {
  const last = readings.at(-1);
  const calls = (last?.calls ?? 0) - (readings[0]?.calls ?? 0);
  const megabytes = ((last?.samples[side].held ?? 0) / 1_048_576).toFixed(2);
  const [slope, from, to] = [value, low, high].map((octets) => octets.toFixed(3));
  return `${slope} octets a call, 95 % interval ${from} to ${to} (${readings.length} samples, ${calls} calls, ${megabytes} MB at the end)`;
}
