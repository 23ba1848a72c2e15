import { randomBytes, randomInt } from "node:crypto";
import { chinaTime } from "../../china-time.js";
import { integerField, type JsonObject, textField } from "../../json-fields.js";
import type { Route, StandinReply } from "../http/exchange.js";
import type { Order } from "../state/pay-state.js";
import { isNotifyUrl } from "../vendor/notify-url.js";
import { ecpay } from "./ecpay.js";
import { type DouyinPlatform, reply, route } from "./platform.js";

/** `create_order` and `query_order`. There is no interface that closes an order. */
export function orderRoutes(platform: DouyinPlatform): Route[] {
  const open = ecpay(platform, (body) => create(body, platform));
  const ask = ecpay(platform, (body) => query(body, platform));
  return [
    route("/api/apps/ecpay/v1/create_order", 1000, 1001, open),
    route("/api/apps/ecpay/v1/query_order", 1000, 1001, ask),
  ];
}

const [shortestLife, longestLife] = [300, 172_800];

export function orderEnded(order: Order, now: number): boolean {
  return order.payment === undefined && order.expiresAt <= now;
}

/** The number and the token that the client's payment call takes, as the journal keeps them. */
export function orderNumbers(prepayId: string): { order_id: string; order_token: string } {
  const [orderId = "", orderToken = ""] = prepayId.split("/");
  return { order_id: orderId, order_token: orderToken };
}

function create(body: JsonObject, { context }: DouyinPlatform): StandinReply {
  const { store, clock } = context;
  const wrong = (what: string): StandinReply => reply(2010, what);
  const outTradeNo = textField(body, "out_order_no") ?? "";
  if (!/^[0-9A-Za-z_*-]{1,64}$/.test(outTradeNo)) return wrong("out_order_no has 1 to 64 of 0-9 a-z A-Z _ - *");
  const total = integerField(body, "total_amount");
  if (total === undefined || total < 1 || total > 99_999_999_999) return wrong("total_amount is 1 to 99999999999");
  const description = textField(body, "subject") ?? "";
  for (const text of [description, textField(body, "body") ?? ""]) {
    if (text === "" || [...text].length > 42 || Buffer.byteLength(text) > 128) {
      return wrong("subject and body have 1 to 42 characters and at most 128 bytes");
    }
  }
  const seconds = integerField(body, "valid_time");
  if (seconds === undefined) return wrong("valid_time is missing");
  const notifyUrl = textField(body, "notify_url") ?? "";
  if (!isNotifyUrl(notifyUrl)) return wrong("notify_url is https (here also http to a loopback address)");
  const existing = store.state.orders.get(outTradeNo);
  if (existing !== undefined) {
    // What the real one answers to another content is in no document that could be read.
    if (existing.total !== total || existing.description !== description) return wrong("out_order_no was used");
    if (existing.payment !== undefined || orderEnded(existing, clock.now())) return wrong("the order has ended");
    return reply(0, "success", { data: orderNumbers(existing.prepayId) });
  }
  const prepayId = `7${String(randomInt(2 ** 47)).padStart(18, "0")}/${randomBytes(24).toString("base64url")}`;
  store.commit({
    type: "order",
    ...{ outTradeNo, prepayId, description, notifyUrl, total, currency: "CNY" },
    attach: textField(body, "cp_extra") ?? "",
    // Nobody is named: whoever has the token can pay.
    openid: "",
    expiresAt: clock.now() + Math.min(longestLife, Math.max(shortestLife, seconds)) * 1000,
    createdAt: clock.now(),
  });
  return reply(0, "success", { data: orderNumbers(prepayId) });
}

function query(body: JsonObject, { context, keys }: DouyinPlatform): StandinReply {
  const order = context.store.state.orders.get(textField(body, "out_order_no") ?? "");
  if (order === undefined) return reply(2000, "no such order");
  const { payment } = order;
  const ended = orderEnded(order, context.clock.now());
  return reply(0, "", {
    out_order_no: order.outTradeNo,
    order_id: orderNumbers(order.prepayId).order_id,
    payment_info: {
      total_fee: order.total,
      order_status: payment !== undefined ? "SUCCESS" : ended ? "TIMEOUT" : "PROCESSING",
      pay_time: payment === undefined ? "" : chinaTime(payment.paidAt),
      way: payment === undefined ? 0 : 10,
      channel_no: "",
      seller_uid: keys.sellerId,
      item_id: "",
      cp_extra: order.attach,
    },
  });
}
