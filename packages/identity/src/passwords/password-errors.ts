import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "LOGIN_REFUSED" | "LOGIN_LOCKED" | "PASSWORD_UNFIT" | "PASSWORDS_BUSY";

export const PasswordErrors: Errors<Reason> = defineErrors("password", {
  LOGIN_REFUSED: {
    code: Code.Unauthenticated,
    message: "the name or the password is wrong",
    fix: "try again; an owner can set a new password",
  },
  LOGIN_LOCKED: {
    code: Code.ResourceExhausted,
    message: "too many wrong passwords: try again in {seconds} s",
    fix: "wait; each further wrong password makes the wait longer",
  },
  PASSWORD_UNFIT: {
    code: Code.InvalidArgument,
    message: "the password cannot be used: {why}",
    fix: "choose a password of 12 to 128 characters",
  },
  PASSWORDS_BUSY: {
    code: Code.Unavailable,
    message: "too many passwords are being checked",
    fix: "retry with backoff; if it lasts, somebody may be guessing passwords",
  },
});
