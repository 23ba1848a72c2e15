import { randomInt } from "node:crypto";
import { fen, yuan } from "../../alipay/pay/yuan.js";
import { chinaTime, parseChinaTime } from "../../china-time.js";
import { type JsonObject, textField } from "../../json-fields.js";
import type { Order } from "../state/pay-state.js";
import { isNotifyUrl } from "../vendor/notify-url.js";
import { type AlipayAnswer, type AlipayInterface, businessFailure } from "./gateway.js";
import { type AlipayPlatform, findUser, userIdOf } from "./platform.js";

/** alipay.trade.create, .query and .close. */
export function tradeInterfaces(platform: AlipayPlatform): AlipayInterface[] {
  return [
    {
      method: "alipay.trade.create",
      handle: (content, parameters) => create(content, parameters.notify_url, platform),
    },
    { method: "alipay.trade.query", handle: (content) => query(content, platform) },
    { method: "alipay.trade.close", handle: (content) => close(content, platform) },
  ];
}

/** An unpaid trade ends when its time is over. */
export function tradeEnded(order: Order, now: number): boolean {
  return order.payment === undefined && (order.closed || (order.expiresAt !== 0 && order.expiresAt <= now));
}

export function tradeStatus(order: Order, now: number): string {
  if (order.payment === undefined) return tradeEnded(order, now) ? "TRADE_CLOSED" : "WAIT_BUYER_PAY";
  const refunded = order.refunds.reduce((sum, { refund }) => sum + refund, 0);
  return refunded === order.total ? "TRADE_CLOSED" : "TRADE_SUCCESS";
}

/** By either number; Alipay's own counts when both are given. */
export function findTrade(content: JsonObject, { context }: AlipayPlatform): Order | undefined {
  const { pay, orders } = context.store.state;
  const tradeNo = textField(content, "trade_no");
  return tradeNo === undefined
    ? orders.get(textField(content, "out_trade_no") ?? "")
    : pay.ordersByPrepayId.get(tradeNo);
}

function create(content: JsonObject, notifyUrl: string | undefined, platform: AlipayPlatform): AlipayAnswer {
  const { store, clock } = platform.context;
  const wrong = (what: string): AlipayAnswer => businessFailure("ACQ.INVALID_PARAMETER", what);
  const outTradeNo = textField(content, "out_trade_no") ?? "";
  if (!/^[0-9A-Za-z_]{1,64}$/.test(outTradeNo)) return wrong("out_trade_no has 1 to 64 letters, digits and _");
  const total = fen(textField(content, "total_amount"));
  if (total === undefined || total < 1n) return wrong("total_amount is 0.01 to 100000000");
  if (total > 10_000_000_000n) return businessFailure("ACQ.TOTAL_FEE_EXCEED", "total_amount");
  const description = textField(content, "subject") ?? "";
  if (description === "" || [...description].length > 256) return wrong("subject has 1 to 256 characters");
  if (content.product_code !== "JSAPI_PAY") return wrong("product_code of a mini program is JSAPI_PAY");
  if (content.op_app_id !== platform.keys.appId) return wrong("op_app_id is the mini program");
  if (!isNotifyUrl(notifyUrl)) return wrong("notify_url is https (here also http to a loopback address)");
  const user = findUser(platform, textField(content, "buyer_open_id"), textField(content, "buyer_id"));
  if (user === undefined) return wrong("buyer_open_id or buyer_id is a user of the app");
  if (user.blocked) return businessFailure("ACQ.BUYER_ENABLE_STATUS_FORBID", "the buyer may not pay");
  const expiresAt = content.time_expire === undefined ? 0 : parseChinaTime(textField(content, "time_expire"));
  if (expiresAt === undefined) return wrong("time_expire is yyyy-MM-dd HH:mm:ss");
  const terms = { outTradeNo, description, total: Number(total), openid: user.openid, notifyUrl: notifyUrl ?? "" };
  const existing = store.state.orders.get(outTradeNo);
  if (existing !== undefined) return repeated(existing, terms, clock.now());
  if (expiresAt !== 0 && expiresAt <= clock.now()) return wrong("time_expire is over");
  const prepayId = `${chinaTime(clock.now()).replaceAll(/\D/g, "")}${String(randomInt(2 ** 47)).padStart(16, "0")}`;
  const order = { ...terms, prepayId, attach: "", currency: "CNY", expiresAt, createdAt: clock.now() };
  store.commit({ type: "order", ...order });
  return { out_trade_no: outTradeNo, trade_no: prepayId };
}

function repeated(existing: Order, wanted: Pick<Order, "total" | "openid" | "description">, now: number): AlipayAnswer {
  if (existing.openid !== wanted.openid) return businessFailure("ACQ.TRADE_BUYER_NOT_MATCH", "another buyer");
  if (existing.total !== wanted.total || existing.description !== wanted.description) {
    return businessFailure("ACQ.CONTEXT_INCONSISTENT", "another content");
  }
  if (existing.payment !== undefined) return businessFailure("ACQ.TRADE_HAS_SUCCESS", "paid");
  if (tradeEnded(existing, now)) return businessFailure("ACQ.TRADE_HAS_CLOSE", "closed");
  return { out_trade_no: existing.outTradeNo, trade_no: existing.prepayId };
}

function query(content: JsonObject, platform: AlipayPlatform): AlipayAnswer {
  const { clock } = platform.context;
  const order = findTrade(content, platform);
  if (order === undefined) return businessFailure("ACQ.TRADE_NOT_EXIST", "no such trade");
  return {
    trade_no: order.prepayId,
    out_trade_no: order.outTradeNo,
    buyer_logon_id: "sta***@example.com",
    trade_status: tradeStatus(order, clock.now()),
    total_amount: yuan(BigInt(order.total), order.currency),
    buyer_user_id: userIdOf(order.openid),
    buyer_open_id: order.openid,
    ...(order.payment === undefined ? {} : { send_pay_date: chinaTime(order.payment.paidAt) }),
  };
}

function close(content: JsonObject, platform: AlipayPlatform): AlipayAnswer {
  const { store, clock } = platform.context;
  const order = findTrade(content, platform);
  if (order === undefined) return businessFailure("ACQ.TRADE_NOT_EXIST", "no such trade");
  if (order.payment !== undefined) return businessFailure("ACQ.TRADE_STATUS_ERROR", "paid");
  if (tradeEnded(order, clock.now())) return businessFailure("ACQ.REASON_TRADE_STATUS_INVALID", "closed");
  store.commit({ type: "closed", outTradeNo: order.outTradeNo });
  return { out_trade_no: order.outTradeNo, trade_no: order.prepayId };
}
