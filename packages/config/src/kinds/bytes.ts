import { makeSetting, type Setting, type SettingOptions } from "../setting.js";
import { formatBytes, parseBytes } from "../units/bytes.js";
import { describeRange, outside, type Range } from "./range.js";

/** Text such as `16MB`, or a number of bytes. */
export type BytesInput = string | number;

export interface BytesOptions extends SettingOptions<BytesInput> {
  /** Default 0. */
  readonly min?: BytesInput;
  readonly max?: BytesInput;
}

/** An amount of data; the value is in bytes. `1MB` is 1,000,000 bytes and `1MiB` is 1,048,576. */
export function bytes(options: BytesOptions = {}): Setting<number> {
  const range: Range = {
    min: limit(options.min, Number.NEGATIVE_INFINITY),
    max: limit(options.max, Number.POSITIVE_INFINITY),
    show: formatBytes,
  };
  return makeSetting(
    {
      kind: "bytes",
      accepts: `an amount of data${describeRange(range)}, such as 64KB, 1.5MB or 16MiB`,
      show: formatBytes,
      read(raw) {
        const value = typeof raw === "string" ? parseBytes(raw.trim()) : raw;
        if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
          return { problem: "is not an amount of data" };
        const problem = outside(range, value);
        return problem === undefined ? { value } : { problem };
      },
    },
    options,
  );
}

function limit(input: BytesInput | undefined, otherwise: number): number {
  if (input === undefined) return otherwise;
  const value = typeof input === "string" ? parseBytes(input) : input;
  if (value === undefined) throw new TypeError(`${JSON.stringify(input)} is not an amount of data`);
  return value;
}
