import type { AdditionalLine, RefundOutcome } from "../../state/pay-events.js";
import { type Order, type RefundEntry, settlementOf } from "../../state/pay-state.js";

/** One line of a trade bill before it is written: amounts in fen. */
export interface BillRow {
  readonly kind: "payment" | "refund";
  readonly at: number;
  readonly transactionId: string;
  readonly outTradeNo: string;
  readonly openid: string;
  readonly currency: string;
  readonly description: string;
  readonly attach: string;
  /** Of the payment, or of the refund. */
  readonly amount: number;
  readonly refund?: {
    readonly outRefundNo: string;
    readonly refundId: string;
    readonly status: string;
    readonly paidAt: number;
    readonly succeededAt: number | undefined;
  };
}

/** Bills have their own words for how a refund ended. */
const refundStates: Readonly<Record<RefundOutcome, string>> = {
  SUCCESS: "SUCCESS",
  CLOSED: "FAIL",
  ABNORMAL: "CHANGE",
};

/** The rows of the orders and refunds in a span of time, oldest order first. */
export function* rowsOf(orders: Iterable<Order>, from: number, until: number, now: number): Generator<BillRow> {
  const within = (at: number): boolean => from <= at && at < until;
  for (const order of orders) {
    if (order.payment === undefined) continue;
    if (within(order.payment.paidAt)) yield paymentRow(order, order.payment.paidAt, order.payment.transactionId);
    for (const refund of order.refunds) if (within(refund.createdAt)) yield refundRow(refund, order, now);
  }
}

function paymentRow(order: Order, at: number, transactionId: string): BillRow {
  const { outTradeNo, openid, currency, description, attach, total } = order;
  return { kind: "payment", at, transactionId, outTradeNo, openid, currency, description, attach, amount: total };
}

function refundRow(refund: RefundEntry, order: Order, now: number): BillRow {
  const settlement = settlementOf(refund, now);
  return {
    ...paymentRow(order, refund.createdAt, order.payment?.transactionId ?? ""),
    kind: "refund",
    amount: refund.refund,
    refund: {
      outRefundNo: refund.outRefundNo,
      refundId: refund.refundId,
      status: settlement === undefined ? "PROCESSING" : refundStates[settlement.outcome],
      paidAt: order.payment?.paidAt ?? 0,
      succeededAt: settlement?.outcome === "SUCCESS" ? settlement.at : undefined,
    },
  };
}

/** A row that nothing has happened for. */
export function additionalRow({ outTradeNo, outRefundNo, amount }: AdditionalLine, at: number): BillRow {
  const row = {
    outTradeNo,
    amount,
    at,
    transactionId: `42000${outTradeNo}`,
    openid: "oNobody",
    currency: "CNY",
    description: "planted",
    attach: "",
  };
  if (outRefundNo === undefined) return { ...row, kind: "payment" };
  const refund = { outRefundNo, refundId: `503${outRefundNo}`, status: "SUCCESS", paidAt: at, succeededAt: at };
  return { ...row, kind: "refund", refund };
}
