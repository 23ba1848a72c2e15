import { randomInt } from "node:crypto";
import { callbackSignature } from "../../douyin/pay/signature.js";
import { integerField, parseObject, textField } from "../../json-fields.js";
import type { Tamper } from "../pay/callback-message.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";
import type { VendorMessage, VendorPay } from "../vendor/notice.js";
import { orderEnded, orderNumbers } from "./orders.js";
import type { DouyinPlatform } from "./platform.js";

const second = 1000;
const minute = 60 * second;

/** How Douyin is paid, and tells of it: JSON in JSON, until the answer has `err_no` 0. */
export function douyinPay(platform: DouyinPlatform): VendorPay {
  const { context } = platform;
  return {
    // The vendor says that it repeats, and not when: this schedule is ours.
    retriesMs: [15 * second, 15 * second, 30 * second, 3 * minute, 10 * minute, 20 * minute, 30 * minute],
    tampers: ["signature", "amount", "body", "merchant", "ageSeconds", "duplicates"],
    transactionId: (order) => orderNumbers(order.prepayId).order_id,
    // The client needs the token, not only the number.
    find: (parameters) => {
      const prepayId = `${textField(parameters, "order_id")}/${textField(parameters, "order_token")}`;
      return context.store.state.pay.ordersByPrepayId.get(prepayId);
    },
    ended: (order) => orderEnded(order, context.clock.now()),
    message: async (order, refund, tamper) => callback(order, refund, tamper, platform),
    accepts: (answer) => integerField(parseObject(answer.body), "err_no") === 0,
  };
}

function callback(
  order: Order,
  refund: RefundEntry | undefined,
  tamper: Tamper,
  platform: DouyinPlatform,
): VendorMessage {
  const { context, keys } = platform;
  const appid = tamper.merchant === undefined ? keys.appId : "tt0000000000000000";
  const event = refund === undefined ? payment(order, tamper, platform) : refunded(order, refund, tamper, platform);
  const msg = JSON.stringify({ appid, ...event });
  const timestamp = Math.floor(context.signingClock.now() / 1000) - (tamper.ageSeconds ?? 0);
  const nonce = String(randomInt(10_000));
  const signed = tamper.signature === "bad" ? `${msg} ` : msg;
  const body = {
    timestamp,
    nonce,
    msg: tamper.body === "altered" ? msg.replace("SUCCESS", "TIMEOUT") : msg,
    ...(tamper.signature === "none"
      ? {}
      : { msg_signature: callbackSignature(keys.token, String(timestamp), nonce, signed) }),
    type: refund === undefined ? "payment" : "refund",
  };
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function payment(order: Order, tamper: Tamper, { keys }: DouyinPlatform): Record<string, unknown> {
  if (order.payment === undefined) throw new Error("an unpaid order has nothing to call back about");
  return {
    cp_orderno: order.outTradeNo,
    cp_extra: order.attach,
    way: "10",
    channel_no: "",
    payment_order_no: order.payment.transactionId,
    total_amount: tamper.amount ?? order.total,
    status: "SUCCESS",
    item_id: "",
    seller_uid: keys.sellerId,
    paid_at: Math.floor(order.payment.paidAt / 1000),
    order_id: orderNumbers(order.prepayId).order_id,
  };
}

function refunded(
  order: Order,
  refund: RefundEntry,
  tamper: Tamper,
  { context }: DouyinPlatform,
): Record<string, unknown> {
  const settlement = settlementOf(refund, context.clock.now());
  return {
    cp_refundno: refund.outRefundNo,
    cp_extra: refund.outTradeNo,
    status: settlement === undefined ? "PROCESSING" : settlement.outcome === "SUCCESS" ? "SUCCESS" : "FAIL",
    refund_amount: tamper.amount ?? refund.refund,
    is_all_settled: false,
    refunded_at: Math.floor((settlement?.at ?? 0) / 1000),
    message: "",
    order_id: orderNumbers(order.prepayId).order_id,
    refund_no: refund.refundId,
  };
}
