import { MiniProgramErrors } from "../../errors.js";
import { integerField, type JsonObject, objectField, textField } from "../../json-fields.js";
import type { PayState, PayTransaction, Refund, RefundState } from "../../pay.js";

const payStates: Readonly<Record<string, PayState>> = {
  NOTPAY: "unpaid",
  USERPAYING: "paying",
  SUCCESS: "paid",
  REFUND: "refunded",
  CLOSED: "closed",
  REVOKED: "closed",
  PAYERROR: "failed",
};

const refundStates: Readonly<Record<string, RefundState>> = {
  PROCESSING: "processing",
  SUCCESS: "succeeded",
  CLOSED: "closed",
  ABNORMAL: "abnormal",
};

/** A transaction as the query and the callback give it; undefined when a field is missing or wrong. */
export function readTransaction(object: JsonObject): PayTransaction | undefined {
  const amount = objectField(object, "amount");
  const outTradeNo = textField(object, "out_trade_no");
  const state = payStates[textField(object, "trade_state") ?? ""];
  const total = integerField(amount, "total");
  const currency = textField(amount, "currency") ?? "CNY";
  if (outTradeNo === undefined || state === undefined || total === undefined || total < 0) return undefined;
  const transactionId = textField(object, "transaction_id");
  const payerOpenid = textField(objectField(object, "payer"), "openid");
  const paidAt = timeField(object, "success_time");
  return {
    outTradeNo,
    state,
    amount: BigInt(total),
    currency,
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(payerOpenid === undefined ? {} : { payerOpenid }),
    ...(paidAt === undefined ? {} : { paidAt }),
  };
}

/** A refund; its state is in `status`, or in a callback in `refund_status`. Undefined when a field is missing or wrong. */
export function readRefund(object: JsonObject, stateField: "status" | "refund_status"): Refund | undefined {
  const amount = objectField(object, "amount");
  const outTradeNo = textField(object, "out_trade_no");
  const outRefundNo = textField(object, "out_refund_no");
  const refundId = textField(object, "refund_id");
  const state = refundStates[textField(object, stateField) ?? ""];
  const refund = integerField(amount, "refund");
  if (outTradeNo === undefined || outRefundNo === undefined || refundId === undefined) return undefined;
  if (state === undefined || refund === undefined || refund < 0) return undefined;
  const succeededAt = timeField(object, "success_time");
  return {
    outTradeNo,
    outRefundNo,
    refundId,
    state,
    amount: BigInt(refund),
    currency: textField(amount, "currency") ?? "CNY",
    ...(succeededAt === undefined ? {} : { succeededAt }),
  };
}

export function invalid(what: string): Error {
  return MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `${what} with missing or wrong fields` });
}

/** RFC 3339 as ms since the epoch. */
function timeField(object: JsonObject, name: string): number | undefined {
  const time = Date.parse(textField(object, name) ?? "");
  return Number.isNaN(time) ? undefined : time;
}
