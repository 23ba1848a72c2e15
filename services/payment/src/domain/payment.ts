import type { Money } from "@sampan/core";
import { PaymentErrors } from "./errors.js";

export type PaymentKind = "wallet" | "pay-order";
/** `voided`: the order does not want it any more; whatever was or will be taken is given back. */
export type PaymentStatus = "awaiting" | "paid" | "voided";

export interface Payment {
  readonly orderId: string;
  readonly userId: string;
  readonly kind: PaymentKind;
  readonly status: PaymentStatus;
  /** What the order costs. */
  readonly amount: Money;
  /** What was taken, in the currency of `amount`. */
  readonly charged: bigint;
  /** What was given back. */
  readonly refunded: bigint;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Of a pay order: the platform's prepared transaction; empty until it is created. */
  readonly prepayId: string;
  /** Of a paid pay order. */
  readonly transactionId: string;
  /** Milliseconds since the epoch; a pay order cannot be paid later. 0: of a wallet. */
  readonly expiresAt: number;
  /** When the platform took the money, so that one knows on which day's bill it must be; undefined until it did. */
  readonly billing: BillingWindow | undefined;
}

/**
 * Between which moments of the platform's clock something happened there, in ms since the epoch; both the same when it
 * has told us. It is on the bill of one of these days.
 */
export interface BillingWindow {
  readonly from: number;
  readonly to: number;
}

/** What our clock and the platform's may differ by, with room to spare, in ms. */
const clocksDifferMs = 2 * 60_000;

/** Of something that happened there between two moments of our clock. */
export function billingWindow(from: number, to: number): BillingWindow {
  return { from: from - clocksDifferMs, to: to + clocksDifferMs };
}

/** An entry of the ledger: booked once for each kind and reference, never changed. */
export interface LedgerEntry {
  readonly kind: "top-up" | "charge" | "refund";
  /** The order of a charge, the refund id of a refund, the key of a top-up. */
  readonly reference: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: Money;
}

/** Throws `AMOUNT_NOT_POSITIVE`. */
export function positive(money: Money): Money {
  if (money.amount <= 0n) throw PaymentErrors.AMOUNT_NOT_POSITIVE({ amount: String(money.amount) });
  return money;
}

/** Repeating a request for a payment is fine when it is the same. Throws `PAYMENT_VOIDED` or `PAYMENT_CHANGED`. */
export function sameRequest(existing: Payment, userId: string, kind: PaymentKind, amount: Money): Payment {
  if (existing.status === "voided") throw PaymentErrors.PAYMENT_VOIDED({ order: existing.orderId });
  const same =
    existing.userId === userId &&
    existing.kind === kind &&
    existing.amount.amount === amount.amount &&
    existing.amount.currency === amount.currency;
  if (!same) throw PaymentErrors.PAYMENT_CHANGED({ order: existing.orderId });
  return existing;
}

/** A mark left for an order that was voided before it was ever charged. */
export function tombstone(orderId: string, now: number): Payment {
  return {
    orderId,
    userId: "",
    kind: "wallet",
    status: "voided",
    amount: { amount: 0n, currency: "XXX" },
    charged: 0n,
    refunded: 0n,
    createdAt: now,
    prepayId: "",
    transactionId: "",
    expiresAt: 0,
    billing: undefined,
  };
}

/** What the platform says about a payment. */
export interface Paid {
  readonly money: Money;
  readonly transactionId: string;
  /** By the platform's clock, when it said so. */
  readonly paidAt: number | undefined;
}

/**
 * The platform says that the user has paid. The next state of the payment, and whether the money must go back because
 * the order is gone; undefined when the payment is booked already. Throws `AMOUNT_MISMATCH`.
 */
export function acceptPaid(
  payment: Payment,
  { money: paid, transactionId, paidAt }: Paid,
  now: number,
): { readonly payment: Payment; readonly giveBack: boolean } | undefined {
  if (payment.charged > 0n) return undefined;
  if (paid.amount !== payment.amount.amount || paid.currency !== payment.amount.currency) {
    throw PaymentErrors.AMOUNT_MISMATCH({
      order: payment.orderId,
      paid: `${paid.amount} ${paid.currency}`,
      amount: `${payment.amount.amount} ${payment.amount.currency}`,
    });
  }
  const giveBack = payment.status === "voided";
  const status = giveBack ? "voided" : "paid";
  const billing = paidAt === undefined ? billingWindow(payment.createdAt, now) : { from: paidAt, to: paidAt };
  return { payment: { ...payment, status, charged: paid.amount, transactionId, billing }, giveBack };
}
