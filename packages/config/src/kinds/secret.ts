import { mask, Secret } from "../secret.js";
import { makeSetting, type Setting } from "../setting.js";

export interface SecretOptions {
  /** What the setting is for, in a line. */
  readonly doc?: string;
  /** Characters. Default 1. */
  readonly minLength?: number;
}

/**
 * A password, key or token. Taken from the environment (`SAMPAN_PAY_API_KEY`), or from a file that the environment, a
 * flag or a settings file names (`SAMPAN_PAY_API_KEY_FILE`, `--pay.api-key-file`, `"apiKeyFile"`); never shown. It has
 * no default: a secret that is in the code is none.
 */
export function secret(options: SecretOptions = {}): Setting<Secret> {
  const { doc, minLength = 1 } = options;
  return makeSetting<Secret, never>(
    {
      kind: "secret",
      secret: true,
      accepts: minLength > 1 ? `a secret of at least ${minLength} characters` : "a secret",
      conceal: () => mask,
      read(raw) {
        if (raw instanceof Secret) return { value: raw };
        if (typeof raw !== "string") return { problem: "is not text" };
        if (raw.length < minLength) return { problem: `is shorter than ${minLength} characters` };
        return { value: new Secret(raw) };
      },
    },
    doc === undefined ? {} : { doc },
  );
}
