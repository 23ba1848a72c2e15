import { integerField, type JsonObject, objectField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import type { StandinReply } from "../http/exchange.js";
import type { RefundTerms } from "../state/pay-events.js";
import { type Order, settlementOf } from "../state/pay-state.js";
import { payFailure } from "./merchant-route.js";
import { isNotifyUrl } from "./order-request.js";

/** What a merchant asks for; a repetition must ask for the same. */
export type WantedRefund = Pick<
  RefundTerms,
  "outRefundNo" | "outTradeNo" | "refund" | "total" | "currency" | "reason" | "notifyUrl"
>;

/** The fields of a refund as the vendor's page states them, or the refusal of the first that is wrong. */
export function readRefundRequest(body: JsonObject | undefined, context: StandinContext): WantedRefund | StandinReply {
  if (body === undefined) return wrong("the body is not a JSON object");
  const outTradeNo = orderNumber(body, context);
  if (typeof outTradeNo !== "string") return outTradeNo;
  const outRefundNo = textField(body, "out_refund_no");
  if (outRefundNo === undefined || !/^[0-9A-Za-z_\-|*@]{1,64}$/.test(outRefundNo)) {
    return wrong("out_refund_no has 1 to 64 of 0-9 a-z A-Z _ - | * @");
  }
  const reason = body.reason === undefined ? "" : textField(body, "reason");
  if (reason === undefined || Buffer.byteLength(reason) > 80) return wrong("reason has 1 to 80 bytes");
  const notifyUrl = textField(body, "notify_url");
  if (body.notify_url !== undefined && (notifyUrl === undefined || !isNotifyUrl(notifyUrl))) {
    return wrong("notify_url is https (here also http to a loopback address), without query, at most 255 characters");
  }
  const amount = objectField(body, "amount");
  const refund = integerField(amount, "refund");
  const total = integerField(amount, "total");
  const currency = textField(amount, "currency");
  if (refund === undefined || refund < 1) return wrong("amount.refund is an integer of at least 1");
  if (total === undefined || total < 1) return wrong("amount.total is an integer of at least 1");
  if (currency === undefined) return wrong("amount.currency is missing");
  const wanted = { outRefundNo, outTradeNo, refund, total, currency, reason };
  return notifyUrl === undefined ? wanted : { ...wanted, notifyUrl };
}

/** Either number names the order; both must name the same one. */
function orderNumber(body: JsonObject, context: StandinContext): string | StandinReply {
  const outTradeNo = textField(body, "out_trade_no");
  if (body.transaction_id === undefined) return outTradeNo ?? wrong("out_trade_no or transaction_id is needed");
  const transactionId = textField(body, "transaction_id");
  if (transactionId === undefined) return wrong("transaction_id is a text");
  const order = context.store.state.pay.ordersByTransactionId.get(transactionId);
  if (order === undefined) return payFailure(404, "RESOURCE_NOT_EXISTS", "no paid order of this transaction_id");
  if (outTradeNo !== undefined && outTradeNo !== order.outTradeNo) return wrong("two numbers of different orders");
  return order.outTradeNo;
}

/** Why the platform does not give this money back; undefined when it does. */
export function ruleRefusal(wanted: WantedRefund, order: Order, context: StandinContext): StandinReply | undefined {
  const { rules, clock } = context;
  const now = clock.now();
  const invalid = (message: string): StandinReply => payFailure(400, "INVALID_REQUEST", message);
  if (wanted.total !== order.total || wanted.currency !== order.currency) return invalid("amount is not what was paid");
  // An abnormal refund still waits for its money; only a closed one has given it up.
  const taken = order.refunds.filter((refund) => settlementOf(refund, now)?.outcome !== "CLOSED");
  const refunded = taken.reduce((sum, { refund }) => sum + refund, 0);
  if (refunded + wanted.refund > order.total) return invalid("more than what is left of the payment");
  if (order.refunds.length >= rules.refundsPerOrder) return invalid("too many refunds of this order");
  if (now - (order.payment?.paidAt ?? now) > rules.refundableMs) return invalid("the payment is too old");
  if (now - (order.refunds.at(-1)?.createdAt ?? 0) < rules.refundSpacingMs) {
    return payFailure(429, "FREQUENCY_LIMITED", "the last refund of this order was a moment ago");
  }
  return undefined;
}

function wrong(message: string): StandinReply {
  return payFailure(400, "PARAM_ERROR", message);
}
