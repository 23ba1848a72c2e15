import type { JsonObject } from "../../json-fields.js";
import { wireTime } from "../../wechat/pay/wire-values.js";
import type { StandinKeys } from "../keys.js";
import type { StandinRules } from "../rules.js";
import type { RefundTerms } from "../state/pay-events.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";

export type TradeState = "NOTPAY" | "SUCCESS" | "CLOSED" | "REFUND";

/** A paid order with any refund is in state REFUND. An unpaid order stays NOTPAY after its expiry, until it is closed. */
export function tradeState(order: Order): TradeState {
  if (order.payment !== undefined) return order.refunds.length > 0 ? "REFUND" : "SUCCESS";
  return order.closed ? "CLOSED" : "NOTPAY";
}

/** When the user cannot pay any more: what the merchant said, or the platform's default. */
export function canBePaidUntil({ expiresAt, expiredAt, createdAt }: Order, rules: StandinRules): number {
  return expiredAt ?? (expiresAt === 0 ? createdAt + rules.orderLifeMs : expiresAt);
}

const stateTexts: Readonly<Record<TradeState, string>> = {
  NOTPAY: "订单未支付",
  SUCCESS: "支付成功",
  CLOSED: "订单已关闭",
  REFUND: "转入退款",
};

/** The transaction as a query answers it and a callback seals it. */
export function transactionObject(order: Order, keys: StandinKeys, state: TradeState = tradeState(order)): JsonObject {
  const { payment, total, currency } = order;
  return {
    mchid: keys.merchantId,
    appid: keys.appId,
    out_trade_no: order.outTradeNo,
    trade_state: state,
    trade_state_desc: stateTexts[state],
    attach: order.attach,
    amount: { total, currency, ...(payment === undefined ? {} : { payer_total: total, payer_currency: currency }) },
    payer: { openid: order.openid },
    ...(payment === undefined
      ? {}
      : {
          transaction_id: payment.transactionId,
          trade_type: "JSAPI",
          bank_type: "OTHERS",
          success_time: wireTime(payment.paidAt),
        }),
  };
}

export function refundObject(refund: RefundEntry, order: Order, now: number): JsonObject {
  const settlement = settlementOf(refund, now);
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: order.payment?.transactionId ?? "",
    out_trade_no: refund.outTradeNo,
    channel: "ORIGINAL",
    user_received_account: "支付用户零钱",
    create_time: wireTime(refund.createdAt),
    status: settlement?.outcome ?? "PROCESSING",
    ...(settlement?.outcome === "SUCCESS" ? { success_time: wireTime(settlement.at) } : {}),
    amount: {
      ...amountsOf(refund),
      settlement_total: refund.total,
      settlement_refund: refund.refund,
      discount_refund: 0,
      currency: refund.currency,
    },
  };
}

/** As in a refund's callback, which on the real platform names no currency: there is only one. */
export function amountsOf({ total, refund, currency }: RefundTerms): JsonObject {
  const amounts = { total, refund, payer_total: total, payer_refund: refund };
  return currency === "CNY" ? amounts : { ...amounts, currency };
}
