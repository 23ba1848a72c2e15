import type { RpcError } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";

export type ErrNoReasons = Readonly<Record<number, keyof typeof MiniProgramErrors>>;

/** Douyin numbers errors anew in each group of interfaces; `-1` is "system error" in the older ones. */
export const loginReasons: ErrNoReasons = {
  [-1]: "PLATFORM_BUSY",
  40015: "PLATFORM_REFUSED_CREDENTIALS",
  40017: "PLATFORM_REFUSED_CREDENTIALS",
  40018: "LOGIN_CODE_INVALID",
  40019: "LOGIN_CODE_INVALID",
  40020: "PLATFORM_REFUSED_CREDENTIALS",
};

/** The access token is not, or no longer, valid: renewing it helps. The request was not looked at. */
export const tokenErrNos: ReadonlySet<string> = new Set(["28001003", "28001008"]);

/** subscribe_notification/developer/v1/notify. */
export const messageReasons: ErrNoReasons = {
  1000: "MESSAGE_INVALID",
  1001: "MESSAGE_INVALID",
  1008: "MESSAGE_INVALID",
  1009: "PLATFORM_REFUSED_CREDENTIALS",
  1010: "RATE_LIMITED",
  2000: "PLATFORM_BUSY",
  28001003: "PLATFORM_REFUSED_CREDENTIALS",
  28001008: "PLATFORM_REFUSED_CREDENTIALS",
  28006003: "RATE_LIMITED",
  28014043: "MESSAGE_REFUSED",
};

/** ecpay/v1: the tables of query_order and query_refund. */
export const payReasons: ErrNoReasons = {
  1000: "PLATFORM_BUSY",
  1001: "PLATFORM_BUSY",
  2000: "PAY_NOT_FOUND",
  2008: "PLATFORM_REFUSED_CREDENTIALS",
  2010: "PAY_REQUEST_INVALID",
  2042: "PLATFORM_REFUSED_CREDENTIALS",
  2047: "PLATFORM_REFUSED_CREDENTIALS",
  2048: "PLATFORM_REFUSED_CREDENTIALS",
  3101: "PAY_NOT_FOUND",
};

/** `explanation` (already without secrets) goes to the log only. */
export function douyinError(errNo: number, explanation: string, reasons: ErrNoReasons): RpcError {
  const reason = reasons[errNo] ?? "PLATFORM_ERROR";
  return MiniProgramErrors[reason]({ platform_code: String(errNo) }, { cause: new Error(explanation) });
}
