import { makeSetting, type Setting, type SettingOptions } from "../setting.js";

export interface TextOptions extends SettingOptions<string> {
  /** Must match the whole text; write it with `^` and `$`. */
  readonly pattern?: RegExp;
  /** Characters. Default 0. */
  readonly minLength?: number;
  /** Characters. Default 10000. */
  readonly maxLength?: number;
}

/** Text, kept as it is. Control characters are refused: they come from copying, and break logs and headers. */
export function text(options: TextOptions = {}): Setting<string> {
  const { pattern, minLength = 0, maxLength = 10_000 } = options;
  const least = minLength > 0 ? ` of at least ${minLength} characters` : "";
  const shape = pattern === undefined ? "" : ` that matches ${pattern}`;
  return makeSetting(
    {
      kind: "text",
      accepts: `text${least}${shape}`,
      show: (value) => JSON.stringify(value),
      read(raw) {
        if (typeof raw !== "string") return { problem: "is not text" };
        if (/\p{Cc}/u.test(raw)) return { problem: "has control characters" };
        if (raw.length < minLength) return { problem: `is shorter than ${minLength} characters` };
        if (raw.length > maxLength) return { problem: `is longer than ${maxLength} characters` };
        // A sticky or global expression would answer by where it stopped last.
        if (pattern !== undefined) pattern.lastIndex = 0;
        if (pattern?.test(raw) === false) return { problem: `does not match ${pattern}` };
        return { value: raw };
      },
    },
    options,
  );
}
