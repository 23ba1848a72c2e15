import { wireTime } from "../../wechat/pay/wire-values.js";
import type { StandinContext } from "../context.js";
import type { Delivery, RefundOutcome } from "../state/pay-events.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";
import type { Tamper } from "./callback-message.js";
import { amountsOf, transactionObject } from "./transaction.js";

/** Something that a merchant is told by a callback, and told again until the answer is good. */
export interface Notice {
  /** One for each event: its deliveries are planned under this. */
  readonly key: string;
  readonly about: Pick<Delivery, "outTradeNo" | "outRefundNo">;
  readonly notifyUrl: string;
  readonly notificationId: string;
  readonly eventType: string;
  readonly summary: string;
  readonly originalType: "transaction" | "refund";
  readonly createdAt: number;
  readonly deliveries: readonly Delivery[];
  /** What is sealed. */
  resource(tamper: Tamper): Record<string, unknown>;
}

/** Undefined for an order that is not paid. */
export function paymentNotice(order: Order, { keys }: StandinContext): Notice | undefined {
  const { payment, outTradeNo, currency } = order;
  if (payment === undefined) return undefined;
  return {
    key: `payment/${outTradeNo}`,
    about: { outTradeNo },
    notifyUrl: order.notifyUrl,
    notificationId: payment.notificationId,
    eventType: "TRANSACTION.SUCCESS",
    summary: "支付成功",
    originalType: "transaction",
    createdAt: payment.paidAt,
    deliveries: order.deliveries,
    resource: ({ amount }) => ({
      ...transactionObject(order, keys, "SUCCESS"),
      ...(amount === undefined
        ? {}
        : { amount: { total: amount, payer_total: amount, currency, payer_currency: currency } }),
    }),
  };
}

const refundSummaries: Readonly<Record<RefundOutcome, string>> = {
  SUCCESS: "退款成功",
  ABNORMAL: "退款异常",
  CLOSED: "退款关闭",
};

/** Undefined for a refund that is still processed, or about which nobody wants to hear. */
export function refundNotice(refund: RefundEntry, order: Order, context: StandinContext): Notice | undefined {
  const { notifyUrl, notificationId, outTradeNo, outRefundNo } = refund;
  const settlement = settlementOf(refund, context.clock.now());
  if (settlement === undefined || notifyUrl === undefined || notificationId === undefined) return undefined;
  const { outcome, at } = settlement;
  return {
    key: `refund/${outRefundNo}`,
    about: { outTradeNo, outRefundNo },
    notifyUrl,
    notificationId,
    eventType: `REFUND.${outcome}`,
    summary: refundSummaries[outcome],
    originalType: "refund",
    createdAt: at,
    deliveries: refund.deliveries,
    resource: ({ amount }) => ({
      mchid: context.keys.merchantId,
      out_trade_no: outTradeNo,
      transaction_id: order.payment?.transactionId ?? "",
      out_refund_no: outRefundNo,
      refund_id: refund.refundId,
      refund_status: outcome,
      ...(outcome === "SUCCESS" ? { success_time: wireTime(at) } : {}),
      user_received_account: "支付用户零钱",
      amount: amountsOf({ ...refund, refund: amount ?? refund.refund }),
    }),
  };
}
