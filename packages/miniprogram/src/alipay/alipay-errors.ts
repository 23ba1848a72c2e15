import type { RpcError } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";

type Reason = keyof typeof MiniProgramErrors;

/**
 * Business codes (`sub_code`) as registered errors. Sources: the error tables of the interfaces on opendocs.alipay.com,
 * and the support pages in AlipayDocs/open-docs for messages.
 */
const reasons: Readonly<Record<string, Reason>> = {
  "ACQ.ACCESS_FORBIDDEN": "PLATFORM_REFUSED_CREDENTIALS",
  "ACQ.BUYER_ENABLE_STATUS_FORBID": "USER_BLOCKED",
  "ACQ.BUYER_SELLER_EQUAL": "PAY_REQUEST_INVALID",
  "ACQ.CONTEXT_INCONSISTENT": "PAY_ORDER_CONFLICT",
  "ACQ.DISCORDANT_REPEAT_REQUEST": "REFUND_REJECTED",
  "ACQ.EXIST_FORBIDDEN_WORD": "PAY_REQUEST_INVALID",
  "ACQ.INVALID_PARAMETER": "PAY_REQUEST_INVALID",
  "ACQ.PARTNER_ERROR": "PLATFORM_REFUSED_CREDENTIALS",
  "ACQ.REASON_TRADE_BEEN_FREEZEN": "REFUND_REJECTED",
  "ACQ.REASON_TRADE_REFUND_FEE_ERR": "REFUND_REJECTED",
  "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "REFUND_REJECTED",
  "ACQ.REFUND_FEE_ERROR": "REFUND_REJECTED",
  "ACQ.SELLER_BALANCE_NOT_ENOUGH": "REFUND_REJECTED",
  "ACQ.SYSTEM_ERROR": "PLATFORM_BUSY",
  "ACQ.TOTAL_FEE_EXCEED": "PAY_REQUEST_INVALID",
  "ACQ.TRADE_BUYER_NOT_MATCH": "PAY_ORDER_CONFLICT",
  "ACQ.TRADE_HAS_CLOSE": "PAY_ORDER_CLOSED",
  "ACQ.TRADE_HAS_FINISHED": "REFUND_REJECTED",
  "ACQ.TRADE_HAS_SUCCESS": "PAY_ORDER_PAID",
  "ACQ.TRADE_NOT_ALLOW_REFUND": "REFUND_REJECTED",
  "ACQ.TRADE_NOT_EXIST": "PAY_NOT_FOUND",
  "ACQ.TRADE_STATUS_ERROR": "REFUND_REJECTED",
  TRADE_NOT_EXIST: "PAY_NOT_FOUND",
  "isp.unknow-error": "PLATFORM_BUSY",
  "aop.unknow-error": "PLATFORM_BUSY",
  "isv.code-invalid": "LOGIN_CODE_INVALID",
  "isv.invalid-app-id": "PLATFORM_REFUSED_CREDENTIALS",
  "isv.invalid-signature": "PLATFORM_REFUSED_CREDENTIALS",
  "isv.missing-signature": "PLATFORM_REFUSED_CREDENTIALS",
  "isv.invalid-timestamp": "PLATFORM_REFUSED_CREDENTIALS",
  "isv.refresh-token-invalid": "SESSION_INVALID",
  "isv.refresh-token-time-out": "SESSION_INVALID",
  "isv.refreshed-token-invalid": "SESSION_INVALID",
  "isv.unmatched-app-id": "PLATFORM_REFUSED_CREDENTIALS",
  USER_KEYWORD_LENGTH_ERROR: "MESSAGE_INVALID",
  USER_TEMPLATE_ILLEGAL: "TEMPLATE_UNKNOWN",
  USER_TEMPLATE_LACK_KEYWORD: "MESSAGE_INVALID",
};

/** The gateway's own codes, when the business code says nothing: "public error codes" on opendocs.alipay.com. */
const gatewayReasons: Readonly<Record<string, Reason>> = {
  "20000": "PLATFORM_BUSY",
  "20001": "PLATFORM_REFUSED_CREDENTIALS",
  "40003": "PLATFORM_REFUSED_CREDENTIALS",
  "40005": "RATE_LIMITED",
  "40006": "PLATFORM_REFUSED_CREDENTIALS",
};

/** `explanation` (already without secrets) goes to the log only; `otherwise` is what an unknown business failure means. */
export function alipayError(code: string, subCode: string, explanation: string, otherwise?: Reason): RpcError {
  const business = code === "40004" ? otherwise : undefined;
  const reason = reasons[subCode] ?? gatewayReasons[code] ?? business ?? "PLATFORM_ERROR";
  const platformCode = subCode === "" ? code : subCode;
  return MiniProgramErrors[reason]({ platform_code: platformCode }, { cause: new Error(explanation) });
}

/** The vendor's code of an error; empty when it has none. */
export function platformCode(thrown: unknown): string {
  const info = (thrown as RpcError | undefined)?.info;
  return info?.domain === "miniprogram" ? (info.metadata.platform_code ?? "") : "";
}
