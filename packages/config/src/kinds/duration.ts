import { makeSetting, type Setting, type SettingOptions } from "../setting.js";
import { formatDuration, parseDuration } from "../units/duration.js";
import { describeRange, outside, type Range } from "./range.js";

/** Text such as `15m`, or milliseconds. */
export type DurationInput = string | number;

export interface DurationOptions extends SettingOptions<DurationInput> {
  /** Default 0. */
  readonly min?: DurationInput;
  readonly max?: DurationInput;
}

/** A length of time; the value is in milliseconds. Written with its unit (`500ms`, `15m`, `1h30m`), in files too. */
export function duration(options: DurationOptions = {}): Setting<number> {
  const range: Range = {
    min: limit(options.min, Number.NEGATIVE_INFINITY),
    max: limit(options.max, Number.POSITIVE_INFINITY),
    show: formatDuration,
  };
  return makeSetting(
    {
      kind: "duration",
      accepts: `a duration${describeRange(range)}, such as 500ms, 15m or 1h30m`,
      show: formatDuration,
      read(raw, form) {
        // A bare number in a file does not say its unit, and seconds read as milliseconds are found too late.
        if (form === "data" && typeof raw === "number" && raw !== 0) return { problem: "has no unit" };
        const value = typeof raw === "string" ? parseDuration(raw.trim()) : raw;
        if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
          return { problem: "is not a duration" };
        const problem = outside(range, value);
        return problem === undefined ? { value } : { problem };
      },
    },
    options,
  );
}

function limit(input: DurationInput | undefined, otherwise: number): number {
  if (input === undefined) return otherwise;
  const value = typeof input === "string" ? parseDuration(input) : input;
  if (value === undefined) throw new TypeError(`${JSON.stringify(input)} is not a duration`);
  return value;
}
