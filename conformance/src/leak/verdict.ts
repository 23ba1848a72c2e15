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

/** The interval of the slope contains 0 and ends below one octet a call. */
export function judgeMemory(readings: readonly Reading[], side: "server" | "client"): Verdict {
  const slope = slopeOf(readings.map(({ calls, samples }) => ({ x: calls, y: samples[side].held })));
  return { fine: slope.low <= 0 && slope.high >= 0 && slope.high < limit, text: describe(slope, readings, side) };
}

/** Handles at the end are no more than at any time before: what a spell of load opens is closed when it is over. */
export function judgeHandles(readings: readonly Reading[], side: "server" | "client"): Verdict {
  const counts = readings.map(({ samples }) => samples[side].handles);
  const half = Math.floor(counts.length / 2);
  const before = Math.max(...counts.slice(0, half));
  const after = Math.max(...counts.slice(half));
  return { fine: after <= before, text: `handles: at most ${before} in the first half, ${after} in the second` };
}

function describe({ value, low, high }: Slope, readings: readonly Reading[], side: "server" | "client"): string {
  const calls = (readings.at(-1)?.calls ?? 0) - (readings[0]?.calls ?? 0);
  const megabytes = ((readings.at(-1)?.samples[side].held ?? 0) / 1_048_576).toFixed(2);
  const number = (octets: number): string => octets.toFixed(4);
  return `${number(value)} octets a call, 95 % interval ${number(low)} to ${number(high)}, over ${readings.length} samples and ${calls} calls, ${megabytes} MB at the end`;
}
