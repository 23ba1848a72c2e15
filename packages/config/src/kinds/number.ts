import { makeSetting, type Reading, type Setting, type SettingOptions } from "../setting.js";
import { describeRange, outside, type Range } from "./range.js";

export interface NumberOptions extends SettingOptions<number> {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number. */
export function integer(options: NumberOptions = {}): Setting<number> {
  return numeric("integer", "a whole number", /^[+-]?\d{1,16}$/, Number.isSafeInteger, options);
}

/** A number, which may have a fraction. */
export function number(options: NumberOptions = {}): Setting<number> {
  return numeric("number", "a number", /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i, Number.isFinite, options);
}

function numeric(
  kind: string,
  noun: string,
  pattern: RegExp,
  accepted: (value: number) => boolean,
  options: NumberOptions,
): Setting<number> {
  const range: Range = {
    min: options.min ?? Number.NEGATIVE_INFINITY,
    max: options.max ?? Number.POSITIVE_INFINITY,
    show: String,
  };
  const read = (raw: unknown): Reading<number> => {
    const text = typeof raw === "string" ? raw.trim() : undefined;
    const value = text === undefined ? raw : pattern.test(text) ? Number(text) : undefined;
    if (typeof value !== "number" || !accepted(value)) return { problem: `is not ${noun}` };
    const problem = outside(range, value);
    return problem === undefined ? { value } : { problem };
  };
  return makeSetting({ kind, accepts: `${noun}${describeRange(range)}`, read }, options);
}
