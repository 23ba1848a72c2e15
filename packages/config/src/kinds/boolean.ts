import { makeSetting, type Setting, type SettingOptions } from "../setting.js";

const words: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false],
]);

/** Yes or no. As a flag it needs no value: `--order.strict`, `--no-order.strict`. */
export function boolean(options: SettingOptions<boolean> = {}): Setting<boolean> {
  return makeSetting(
    {
      kind: "boolean",
      accepts: "true or false",
      read(raw) {
        const value = typeof raw === "string" ? words.get(raw.trim().toLowerCase()) : raw;
        return typeof value === "boolean" ? { value } : { problem: "is neither true nor false" };
      },
    },
    options,
  );
}
