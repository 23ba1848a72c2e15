import { yuan } from "../../alipay/pay/yuan.js";
import { signedText } from "../../alipay/signed-text.js";
import { chinaTime } from "../../china-time.js";
import { textField } from "../../json-fields.js";
import { signText } from "../../wechat/pay/signature.js";
import type { Tamper } from "../pay/callback-message.js";
import type { Order, RefundEntry } from "../state/pay-state.js";
import type { VendorMessage, VendorPay } from "../vendor/notice.js";
import { type AlipayPlatform, userIdOf } from "./platform.js";
import { tradeEnded, tradeStatus } from "./trades.js";

const minute = 60_000;
const hour = 60 * minute;

/** How Alipay is paid, and tells of it: forms, until the answer is `success` and nothing else. */
export function alipayPay(platform: AlipayPlatform): VendorPay {
  const { context } = platform;
  return {
    // Eight deliveries in 25 hours.
    retriesMs: [4 * minute, 10 * minute, 10 * minute, hour, 2 * hour, 6 * hour, 15 * hour],
    tampers: ["signature", "amount", "body", "merchant", "duplicates"],
    // The trade has had its number since it was created.
    transactionId: (order) => order.prepayId,
    find: (parameters) => context.store.state.pay.ordersByPrepayId.get(textField(parameters, "tradeNO") ?? ""),
    ended: (order) => tradeEnded(order, context.clock.now()),
    message: (order, refund, tamper) => notification(order, refund, tamper, platform),
    accepts: (answer) => answer.body.toString("utf8") === "success",
  };
}

async function notification(
  order: Order,
  refund: RefundEntry | undefined,
  tamper: Tamper,
  platform: AlipayPlatform,
): Promise<VendorMessage> {
  const { context, keys } = platform;
  const { payment } = order;
  if (payment === undefined) throw new Error("an unpaid order has nothing to call back about");
  const until = order.refunds.slice(0, refund === undefined ? 0 : order.refunds.indexOf(refund) + 1);
  const sum = until.reduce((total, one) => total + one.refund, 0);
  const parameters: Record<string, string> = {
    notify_time: chinaTime(context.signingClock.now()),
    notify_type: "trade_status_sync",
    notify_id: refund?.notificationId ?? payment.notificationId,
    app_id: tamper.merchant === undefined ? keys.appId : "2021000000000000",
    charset: "utf-8",
    version: "1.0",
    sign_type: "RSA2",
    trade_no: order.prepayId,
    out_trade_no: order.outTradeNo,
    buyer_id: userIdOf(order.openid),
    buyer_open_id: order.openid,
    seller_id: keys.sellerId,
    trade_status: refund === undefined ? "TRADE_SUCCESS" : tradeStatus(order, context.clock.now()),
    subject: order.description,
    total_amount: yuan(BigInt(tamper.amount ?? order.total), order.currency),
    gmt_create: chinaTime(order.createdAt),
    gmt_payment: chinaTime(payment.paidAt),
    // The sum of all refunds until this one, as the real one tells it.
    ...(refund === undefined
      ? {}
      : {
          refund_fee: yuan(BigInt(sum), order.currency),
          gmt_refund: chinaTime(refund.settlesAt),
          out_biz_no: refund.outRefundNo,
        }),
  };
  const text = signedText(parameters, ["sign", "sign_type"]);
  if (tamper.signature !== "none") {
    parameters.sign = await signText(tamper.signature === undefined ? text : `${text} `, platform.platformKey);
  }
  if (tamper.body === "altered") parameters.trade_status = "TRADE_FINISHED";
  return {
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: new URLSearchParams(parameters).toString(),
  };
}
