import type { RpcError } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";

export type CodeReasons = Readonly<Record<number, keyof typeof MiniProgramErrors>>;

/**
 * Vendor codes (`errcode`) of the login, session, token, phone and message interfaces, as registered errors. Sources:
 * the pages of code2Session, checkSession, getStableAccessToken and sendMessage on developers.weixin.qq.com, and the
 * global return code page.
 */
const reasons: CodeReasons = {
  [-1]: "PLATFORM_BUSY",
  40001: "PLATFORM_REFUSED_CREDENTIALS",
  40002: "PLATFORM_REFUSED_CREDENTIALS",
  40003: "RECIPIENT_UNKNOWN",
  40013: "PLATFORM_REFUSED_CREDENTIALS",
  40014: "PLATFORM_REFUSED_CREDENTIALS",
  40029: "LOGIN_CODE_INVALID",
  40037: "TEMPLATE_UNKNOWN",
  40125: "PLATFORM_REFUSED_CREDENTIALS",
  40163: "LOGIN_CODE_INVALID",
  40164: "PLATFORM_REFUSED_CREDENTIALS",
  40226: "USER_BLOCKED",
  41001: "PLATFORM_REFUSED_CREDENTIALS",
  41002: "PLATFORM_REFUSED_CREDENTIALS",
  41004: "PLATFORM_REFUSED_CREDENTIALS",
  41008: "LOGIN_CODE_INVALID",
  41030: "MESSAGE_INVALID",
  42001: "PLATFORM_REFUSED_CREDENTIALS",
  43101: "MESSAGE_REFUSED",
  45009: "RATE_LIMITED",
  45011: "RATE_LIMITED",
  47003: "MESSAGE_INVALID",
  87009: "SESSION_INVALID",
};

/**
 * A vendor's `errcode` as an error; `explanation` (already without secrets) goes to the log only. `others` are codes
 * that mean something else for the interface that was called.
 */
export function apiError(errcode: number, explanation: string, others: CodeReasons = {}): RpcError {
  const reason = others[errcode] ?? reasons[errcode] ?? "PLATFORM_ERROR";
  const parameters = { platform_code: String(errcode), why: "the platform refuses it" };
  return MiniProgramErrors[reason](parameters, { cause: new Error(explanation) });
}
