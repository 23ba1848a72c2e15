import { nearest } from "../nearest.js";
import { makeSetting, type Setting, type SettingOptions } from "../setting.js";

/** One of a few words. */
export function choice<const C extends string>(
  choices: readonly C[],
  options: SettingOptions<NoInfer<C>> = {},
): Setting<C> {
  return makeSetting<C, C>(
    {
      kind: "choice",
      accepts: `one of ${choices.join(", ")}`,
      read(raw) {
        const value = choices.find((each) => each === raw);
        if (value !== undefined) return { value };
        const near = typeof raw === "string" ? nearest(raw, choices) : undefined;
        return {
          problem: near === undefined ? "is not one of the choices" : `is not one of the choices; is it ${near}?`,
        };
      },
    },
    options,
  );
}
