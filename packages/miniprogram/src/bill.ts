import type { Money } from "@sampan/core";
import type { RefundState } from "./pay.js";

/**
 * Which bill of the platform: of one day, in the platform's own time zone (China), once it is over. `trade` has every
 * payment and refund of the day, `payment` and `refund` one kind only. A refund is on the bill of the day it was
 * asked for, whenever it succeeds.
 */
export interface BillRequest {
  readonly kind: "trade" | "payment" | "refund";
  /** `2026-11-20`. */
  readonly date: string;
}

/**
 * One line of a bill. What the platform has taken and given back: only payments that succeeded, but refunds in every
 * state. Everything else on the platform's line (names, banks, coupons) is left out.
 */
export type BillLine = PaymentBillLine | RefundBillLine;

/** `amount` is the order's total. */
export interface PaymentBillLine extends BillLineOrder {
  readonly kind: "payment";
}

/** `amount` is what the merchant asked to give back. */
export interface RefundBillLine extends BillLineOrder {
  readonly kind: "refund";
  /** Empty when the platform gave the money back by itself, such as a payment code's reversal. */
  readonly outRefundNo: string;
  readonly refundId: string;
  readonly state: RefundState;
}

interface BillLineOrder extends Money {
  readonly outTradeNo: string;
  /** The platform's number of the payment, also on a refund's line. */
  readonly transactionId: string;
  readonly payerOpenid: string;
  /** Milliseconds since the epoch, in whole seconds: when it was paid, or the refund was asked for. */
  readonly at: number;
  /** The platform's fee in thousandths of the smallest unit, as it is rounded later; negative when it is given back. */
  readonly feeThousandths: bigint;
}
