import { randomBytes } from "node:crypto";
import { fen, yuan } from "../../alipay/pay/yuan.js";
import { chinaTime } from "../../china-time.js";
import { type JsonObject, textField } from "../../json-fields.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";
import type { VendorCallbacks } from "../vendor/callbacks.js";
import { type AlipayAnswer, type AlipayInterface, businessFailure } from "./gateway.js";
import type { AlipayPlatform } from "./platform.js";
import { findTrade } from "./trades.js";

/** alipay.trade.refund and .fastpay.refund.query. A refund's number is known within its trade. */
export function refundInterfaces(platform: AlipayPlatform, callbacks: VendorCallbacks): AlipayInterface[] {
  return [
    { method: "alipay.trade.refund", handle: (content) => refund(content, platform, callbacks) },
    { method: "alipay.trade.fastpay.refund.query", handle: (content) => query(content, platform) },
  ];
}

function refund(content: JsonObject, platform: AlipayPlatform, callbacks: VendorCallbacks): AlipayAnswer {
  const { store, clock, rules } = platform.context;
  const order = findTrade(content, platform);
  if (order === undefined) return businessFailure("ACQ.TRADE_NOT_EXIST", "no such trade");
  if (order.payment === undefined) return businessFailure("ACQ.TRADE_STATUS_ERROR", "not paid");
  const amount = Number(fen(textField(content, "refund_amount")) ?? 0n);
  if (amount < 1) return businessFailure("ACQ.REASON_TRADE_REFUND_FEE_ERR", "refund_amount");
  const outRefundNo = textField(content, "out_request_no") ?? order.outTradeNo;
  if (!/^[0-9A-Za-z_-]{1,64}$/.test(outRefundNo)) return businessFailure("ACQ.INVALID_PARAMETER", "out_request_no");
  const existing = order.refunds.find((one) => one.outRefundNo === outRefundNo);
  if (existing !== undefined) {
    if (existing.refund !== amount) return businessFailure("ACQ.DISCORDANT_REPEAT_REQUEST", "another amount");
    return answerOf(order, existing, false, clock.now());
  }
  const refunded = order.refunds.reduce((sum, one) => sum + one.refund, 0);
  if (refunded + amount > order.total) return businessFailure("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "more than is left");
  const now = clock.now();
  if (now - order.payment.paidAt > rules.refundableMs) return businessFailure("ACQ.TRADE_HAS_FINISHED", "too old");
  const settlesAt = now + rules.refundSettleMs;
  store.commit({
    type: "refund",
    outRefundNo,
    refundId: outRefundNo,
    outTradeNo: order.outTradeNo,
    refund: amount,
    total: order.total,
    currency: order.currency,
    reason: textField(content, "refund_reason") ?? "",
    createdAt: now,
    settlesAt,
    // Told where the trade's payment was told.
    notifyUrl: order.notifyUrl,
    notificationId: randomBytes(17).toString("hex"),
  });
  const entry = order.refunds.at(-1) as RefundEntry;
  callbacks.plan(order, entry);
  return answerOf(order, entry, settlesAt <= now, now);
}

function answerOf(order: Order, entry: RefundEntry, changed: boolean, now: number): AlipayAnswer {
  const sum = order.refunds.reduce((total, one) => total + one.refund, 0);
  const settlement = settlementOf(entry, now);
  return {
    trade_no: order.prepayId,
    out_trade_no: order.outTradeNo,
    buyer_logon_id: "sta***@example.com",
    fund_change: changed ? "Y" : "N",
    refund_fee: yuan(BigInt(sum), order.currency),
    ...(settlement === undefined ? {} : { gmt_refund_pay: chinaTime(settlement.at) }),
  };
}

/** What is not known is a success without fields; the status is there once the money is. */
function query(content: JsonObject, platform: AlipayPlatform): AlipayAnswer {
  const { clock } = platform.context;
  const order = findTrade(content, platform);
  if (order === undefined) return businessFailure("TRADE_NOT_EXIST", "no such trade");
  const outRefundNo = textField(content, "out_request_no");
  if (outRefundNo === undefined) return businessFailure("ACQ.INVALID_PARAMETER", "out_request_no");
  const entry = order.refunds.find((one) => one.outRefundNo === outRefundNo);
  if (entry === undefined) return {};
  const settlement = settlementOf(entry, clock.now());
  return {
    trade_no: order.prepayId,
    out_trade_no: order.outTradeNo,
    out_request_no: outRefundNo,
    total_amount: yuan(BigInt(order.total), order.currency),
    refund_amount: yuan(BigInt(entry.refund), order.currency),
    ...(settlement === undefined ? {} : { refund_status: "REFUND_SUCCESS", gmt_refund_pay: chinaTime(settlement.at) }),
  };
}
