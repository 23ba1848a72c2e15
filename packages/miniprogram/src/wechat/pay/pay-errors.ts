import type { RpcError } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";

type Reason = keyof typeof MiniProgramErrors;

/**
 * Pay v3 error codes as registered errors. Source: the error tables of order, query, close, refund, bill and
 * certificate interfaces, pay.weixin.qq.com.
 */
const reasons: Readonly<Record<string, Reason>> = {
  ACCOUNT_ERROR: "RECIPIENT_UNKNOWN",
  ACCOUNTERROR: "RECIPIENT_UNKNOWN",
  APPID_MCHID_NOT_MATCH: "PLATFORM_REFUSED_CREDENTIALS",
  BANK_ERROR: "PLATFORM_BUSY",
  BANKERROR: "PLATFORM_BUSY",
  BIZERR_NEED_RETRY: "PLATFORM_BUSY",
  FREQUENCY_LIMIT: "RATE_LIMITED",
  FREQUENCY_LIMITED: "RATE_LIMITED",
  INVALID_REQUEST: "PAY_REQUEST_INVALID",
  INVALID_TRANSACTIONID: "PAY_NOT_FOUND",
  MCH_NOT_EXISTS: "PLATFORM_REFUSED_CREDENTIALS",
  NO_AUTH: "PLATFORM_REFUSED_CREDENTIALS",
  NO_STATEMENT_EXIST: "BILL_NOT_FOUND",
  NOT_ENOUGH: "REFUND_REJECTED",
  OPENID_MISMATCH: "RECIPIENT_UNKNOWN",
  ORDER_CLOSED: "PAY_ORDER_CLOSED",
  ORDERCLOSED: "PAY_ORDER_CLOSED",
  ORDERNOTEXIST: "PAY_NOT_FOUND",
  ORDER_NOT_EXIST: "PAY_NOT_FOUND",
  ORDERPAID: "PAY_ORDER_PAID",
  ORDER_PAID: "PAY_ORDER_PAID",
  OUT_TRADE_NO_USED: "PAY_ORDER_CONFLICT",
  PARAM_ERROR: "PAY_REQUEST_INVALID",
  RATELIMIT_EXCEEDED: "RATE_LIMITED",
  RESOURCE_NOT_EXISTS: "PAY_NOT_FOUND",
  RULELIMIT: "RATE_LIMITED",
  RULE_LIMIT: "RATE_LIMITED",
  SIGN_ERROR: "PLATFORM_REFUSED_CREDENTIALS",
  STATEMENT_CREATING: "BILL_NOT_READY",
  SYSTEM_ERROR: "PLATFORM_BUSY",
  SYSTEMERROR: "PLATFORM_BUSY",
  TRADE_ERROR: "PAY_REQUEST_INVALID",
  USER_ACCOUNT_ABNORMAL: "REFUND_REJECTED",
};

/** What a code means for one interface, when it means something else there. */
export type PayErrorMeanings = Readonly<Record<string, Reason>>;

/** The status beats the body: a code counts only when there is one, and without one the status says what kind it is. */
export function payError(status: number, code: string, explanation: string, meanings: PayErrorMeanings = {}): RpcError {
  const reason = meanings[code] ?? reasons[code] ?? reasonOf(status);
  const cause = new Error(explanation);
  return MiniProgramErrors[reason]({ platform_code: code === "" ? `HTTP ${status}` : code }, { cause });
}

function reasonOf(status: number): Reason {
  if (status === 401) return "PLATFORM_REFUSED_CREDENTIALS";
  if (status === 429) return "RATE_LIMITED";
  return status >= 500 ? "PLATFORM_BUSY" : "PLATFORM_ERROR";
}
