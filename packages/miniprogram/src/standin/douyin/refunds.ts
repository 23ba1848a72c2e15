import { randomBytes, randomInt } from "node:crypto";
import { integerField, type JsonObject, textField } from "../../json-fields.js";
import type { Route, StandinReply } from "../http/exchange.js";
import { type RefundEntry, settlementOf } from "../state/pay-state.js";
import type { VendorCallbacks } from "../vendor/callbacks.js";
import { isNotifyUrl } from "../vendor/notify-url.js";
import { ecpay } from "./ecpay.js";
import { type DouyinPlatform, reply, route } from "./platform.js";

/** `create_refund` and `query_refund`. */
export function refundRoutes(platform: DouyinPlatform, callbacks: VendorCallbacks): Route[] {
  const start = ecpay(platform, (body) => create(body, platform, callbacks));
  const ask = ecpay(platform, (body) => query(body, platform));
  return [
    route("/api/apps/ecpay/v1/create_refund", 1000, 1001, start),
    route("/api/apps/ecpay/v1/query_refund", 1000, 1001, ask),
  ];
}

/** Rules that a refund breaks are answered as wrong parameters: their own numbers could not be read. */
function create(body: JsonObject, { context }: DouyinPlatform, callbacks: VendorCallbacks): StandinReply {
  const { store, clock, rules } = context;
  const wrong = (what: string): StandinReply => reply(2010, what);
  const order = store.state.orders.get(textField(body, "out_order_no") ?? "");
  if (order?.payment === undefined) return reply(2000, "no paid order of this number");
  const outRefundNo = textField(body, "out_refund_no") ?? "";
  if (!/^[0-9A-Za-z_*-]{1,64}$/.test(outRefundNo)) return wrong("out_refund_no");
  const refund = integerField(body, "refund_amount");
  if (refund === undefined || refund < 1) return wrong("refund_amount");
  const reason = textField(body, "reason") ?? "";
  if (reason === "" || reason.length > 100) return wrong("reason has 1 to 100 characters");
  const notifyUrl = textField(body, "notify_url");
  if (notifyUrl !== undefined && !isNotifyUrl(notifyUrl)) return wrong("notify_url");
  const existing = store.state.refunds.get(outRefundNo);
  if (existing !== undefined) {
    const same = existing.outTradeNo === order.outTradeNo && existing.refund === refund;
    return same ? reply(0, "success", { refund_no: existing.refundId }) : wrong("out_refund_no was used");
  }
  const refunded = order.refunds.reduce((sum, one) => sum + one.refund, 0);
  if (refunded + refund > order.total) return wrong("more than what is left of the payment");
  if (order.refunds.length >= rules.refundsPerOrder) return wrong("too many refunds of this order");
  const now = clock.now();
  if (now - order.payment.paidAt > rules.refundableMs) return wrong("the payment is too old");
  const refundId = `7${String(randomInt(2 ** 47)).padStart(18, "0")}`;
  store.commit({
    type: "refund",
    ...{ outRefundNo, refundId, refund, reason, outTradeNo: order.outTradeNo },
    ...{ total: order.total, currency: order.currency, createdAt: now, settlesAt: now + rules.refundSettleMs },
    // Without one of its own, a refund is told where the console says; the stand-in has none.
    ...(notifyUrl === undefined ? {} : { notifyUrl, notificationId: randomBytes(16).toString("hex") }),
  });
  callbacks.plan(order, order.refunds.at(-1) as RefundEntry);
  return reply(0, "success", { refund_no: refundId });
}

function query(body: JsonObject, { context }: DouyinPlatform): StandinReply {
  const entry = context.store.state.refunds.get(textField(body, "out_refund_no") ?? "");
  if (entry === undefined) return reply(3101, "no such refund");
  const settlement = settlementOf(entry, context.clock.now());
  return reply(0, "success", {
    refundInfo: {
      refund_no: entry.refundId,
      refund_amount: entry.refund,
      refund_status: settlement === undefined ? "PROCESSING" : settlement.outcome === "SUCCESS" ? "SUCCESS" : "FAIL",
      refunded_at: settlement === undefined ? 0 : Math.floor(settlement.at / 1000),
      is_all_settled: false,
      cp_extra: entry.outTradeNo,
      msg: "",
    },
  });
}
