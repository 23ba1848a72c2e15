import { PasswordErrors } from "./password-errors.js";

/** Characters (code points). NIST SP 800-63B section 5.1.1: length, and no rules of composition. */
export interface PasswordLimits {
  readonly min: number;
  readonly max: number;
}

export const defaultPasswordLimits: PasswordLimits = { min: 12, max: 128 };

/** For a new password; throws `PASSWORD_UNFIT`. */
export function requireFit(password: string, account: string, limits: PasswordLimits = defaultPasswordLimits): void {
  const length = [...password].length;
  if (length < limits.min) throw PasswordErrors.PASSWORD_UNFIT({ why: `it has less than ${limits.min} characters` });
  if (length > limits.max) throw PasswordErrors.PASSWORD_UNFIT({ why: `it has more than ${limits.max} characters` });
  if (new Set(password).size < 4) throw PasswordErrors.PASSWORD_UNFIT({ why: "it repeats one or two characters" });
  const lower = password.toLowerCase();
  if (account.length > 2 && lower.replaceAll(account.toLowerCase(), "").length < limits.min / 2)
    throw PasswordErrors.PASSWORD_UNFIT({ why: "it is little more than the name" });
}
