import type { RpcError } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";

/**
 * Vendor codes (`errcode`) of the login, token and message interfaces, as registered errors. Sources: code2Session,
 * getStableAccessToken and sendMessage on developers.weixin.qq.com, and the global return code page.
 */
const reasons: Readonly<Record<number, keyof typeof MiniProgramErrors>> = {
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
};

/** The access token is not, or no longer, valid: renewing it helps. Nothing else was done with the request. */
export const tokenErrors: ReadonlySet<number> = new Set([40001, 40014, 42001]);

/** A vendor's `errcode` as an error; `explanation` (already without secrets) goes to the log only. */
export function apiError(errcode: number, explanation: string): RpcError {
  const reason = reasons[errcode] ?? "PLATFORM_ERROR";
  return MiniProgramErrors[reason]({ platform_code: String(errcode) }, { cause: new Error(explanation) });
}
