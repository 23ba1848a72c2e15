import { parseChinaTime } from "../../china-time.js";
import { MiniProgramErrors } from "../../errors.js";
import { type JsonObject, textField } from "../../json-fields.js";
import type { PayState, PayTransaction } from "../../pay.js";
import { fen } from "./yuan.js";

/**
 * `trade_status` says `TRADE_CLOSED` for two things: closed unpaid, and paid and wholly refunded. That the second has a
 * time of payment is an inference from the vendor's examples. A part given back leaves `TRADE_SUCCESS`.
 */
export function payState(status: string | undefined, paidAt: number | undefined): PayState | undefined {
  switch (status) {
    case "WAIT_BUYER_PAY":
      return "unpaid";
    case "TRADE_SUCCESS":
    case "TRADE_FINISHED":
      return "paid";
    case "TRADE_CLOSED":
      return paidAt === undefined ? "closed" : "refunded";
    default:
      return undefined;
  }
}

/** A trade as alipay.trade.query gives it; `subject` names the field of the payer's id. Throws `PLATFORM_ANSWER_INVALID`. */
export function readTrade(node: JsonObject, subject: "open_id" | "user_id"): PayTransaction {
  const outTradeNo = textField(node, "out_trade_no");
  const tradeNo = textField(node, "trade_no");
  const amount = fen(textField(node, "total_amount"));
  const paidAt = parseChinaTime(textField(node, "send_pay_date"));
  const state = payState(textField(node, "trade_status"), paidAt);
  if (outTradeNo === undefined || tradeNo === undefined || amount === undefined || state === undefined) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a trade with missing or wrong fields" });
  }
  const payer = textField(node, subject === "open_id" ? "buyer_open_id" : "buyer_user_id");
  const paid = state === "paid" || state === "refunded";
  return {
    outTradeNo,
    state,
    amount,
    currency: "CNY",
    ...(paid ? { transactionId: tradeNo } : {}),
    ...(payer === undefined ? {} : { payerOpenid: payer }),
    ...(paidAt === undefined ? {} : { paidAt }),
  };
}
