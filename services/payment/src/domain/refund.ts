import type { Money } from "@sampan/core";
import { PaymentErrors } from "./errors.js";
import { type BillingWindow, billingWindow, type Payment } from "./payment.js";

/** What the platform says of a refund. */
export type ToldState = "processing" | "succeeded" | "closed" | "abnormal";

/** `asked`: written down, and whether the platform has heard of it is not known yet. The others are the platform's. */
export type RefundState = "asked" | ToldState;

export interface Refund {
  readonly refundId: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly state: RefundState;
  /** As the platform shows it. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The platform's number, once it has taken the refund. */
  readonly platformRefundId: string;
  /** When the platform took it; undefined until then, and for a wallet's. */
  readonly billing: BillingWindow | undefined;
}

/** Of one order, as WeChat Pay allows. */
const refundsPerOrder = 50;

/** Of refunds that may still give something back, and so count against others. */
export const openStates: readonly RefundState[] = ["asked", "processing", "abnormal"];

export function isOpen({ state }: Pick<Refund, "state">): boolean {
  return openStates.includes(state);
}

export function sumOpen(refunds: readonly Pick<Refund, "state" | "amount">[]): bigint {
  return refunds.reduce((sum, refund) => (isOpen(refund) ? sum + refund.amount.amount : sum), 0n);
}

/** Checks a new refund against what is left, and against those that there are. */
export function checkRefund(payment: Payment, amount: Money, others: readonly Refund[]): void {
  if (payment.charged === 0n) throw PaymentErrors.NOT_PAID({ order: payment.orderId });
  const left = payment.charged - payment.refunded - sumOpen(others);
  if (amount.currency !== payment.amount.currency || amount.amount > left) {
    throw PaymentErrors.REFUND_TOO_MUCH({ amount: String(amount.amount), order: payment.orderId, left: String(left) });
  }
  if (others.length >= refundsPerOrder) {
    throw PaymentErrors.REFUND_TOO_MANY({ order: payment.orderId, limit: String(refundsPerOrder) });
  }
}

/** What the platform says about a refund. */
export interface ToldRefund {
  readonly state: ToldState;
  readonly amount: Money;
  readonly orderId: string;
  readonly platformRefundId: string;
}

/**
 * The refund after the platform was heard; undefined when nothing changes. `succeeded` and `closed` are ends: what
 * contradicts them is told as `REFUND_CONTRADICTED`, another amount or order as `AMOUNT_MISMATCH`, and changes nothing.
 */
export function advanceRefund(refund: Refund, told: ToldRefund, now: number): Refund | undefined {
  const { amount, orderId } = refund;
  if (told.amount.amount !== amount.amount || told.amount.currency !== amount.currency || told.orderId !== orderId) {
    throw PaymentErrors.AMOUNT_MISMATCH({
      order: orderId,
      paid: `${told.amount.amount} ${told.amount.currency} of order ${told.orderId}`,
      amount: `${amount.amount} ${amount.currency}`,
    });
  }
  if (told.state === refund.state) return undefined;
  if (!isOpen(refund)) {
    // A word from before the end, which was overtaken.
    if (told.state === "processing" || (told.state === "abnormal" && refund.state === "succeeded")) return undefined;
    throw PaymentErrors.REFUND_CONTRADICTED({ refund: refund.refundId, state: refund.state, told: told.state });
  }
  const { platformRefundId } = told;
  return {
    ...refund,
    state: told.state,
    platformRefundId,
    billing: refund.billing ?? billingWindow(refund.createdAt, now),
  };
}

/** How often money of an order that is gone is sent back anew when the platform closes the refund. */
const giveBackAttempts = 5;

/**
 * The refund that gives back what is left of a payment whose order is gone; undefined when nothing is left that is not
 * on its way. Whoever asks, and however often, asks for the same refund until that has ended.
 */
export function planGiveBack(
  payment: Payment,
  refunds: readonly Refund[],
): Pick<Refund, "refundId" | "amount"> | undefined {
  const own = refunds.filter(({ refundId }) => isGiveBack(refundId));
  const unanswered = own.find(({ state }) => state === "asked");
  if (unanswered !== undefined) return unanswered;
  const amount = payment.charged - payment.refunded - sumOpen(refunds);
  if (amount <= 0n) return undefined;
  if (own.length >= giveBackAttempts) {
    throw PaymentErrors.REFUND_TOO_MANY({ order: payment.orderId, limit: String(giveBackAttempts) });
  }
  const name = `void-${payment.orderId}`;
  const refundId = own.length === 0 ? name : `${name}-${own.length + 1}`;
  return { refundId, amount: { amount, currency: payment.amount.currency } };
}

/** Orders' own refunds have sortable ids, which cannot begin like this. */
function isGiveBack(refundId: string): boolean {
  return refundId.startsWith("void-");
}
