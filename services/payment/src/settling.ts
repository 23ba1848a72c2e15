import { type Call, RpcError } from "@sampan/core";
import type { PayTransaction, Refund as PlatformRefund } from "@sampan/miniprogram";
import { PaymentErrors } from "./domain/errors.js";
import { acceptPaid, type Payment } from "./domain/payment.js";
import { advanceRefund, isOpen, type Refund } from "./domain/refund.js";
import type { PaymentChange, PaymentStore } from "./payment-store.js";

/** When it is, ms since the epoch. */
type Now = number;

/**
 * Books what the platform says was paid, once, from wherever we know it: a callback, a question, a refused close. Money
 * for an order that is gone is given back by durable work. Throws `UNKNOWN_PAYMENT` or `AMOUNT_MISMATCH`.
 */
export async function settlePaid(change: PaymentChange, paid: PayTransaction, now: Now): Promise<Payment> {
  const payment = await requiredPayment(change, paid.outTradeNo);
  const { amount, currency, transactionId = "", paidAt } = paid;
  const accepted = acceptPaid(payment, { money: { amount, currency }, transactionId, paidAt }, now);
  if (accepted === undefined) return payment;
  await change.update(accepted.payment);
  await bookCharge(change, accepted.payment);
  await change.answered("pay-order", payment.orderId);
  if (accepted.giveBack) await change.startGivingBack(payment.orderId, payment.orderId);
  else await change.publishSettled(accepted.payment);
  return accepted.payment;
}

/**
 * Takes over what the platform says about a refund: books it once when it has succeeded, frees its money when it was
 * closed. Throws `UNKNOWN_REFUND`, `AMOUNT_MISMATCH` or `REFUND_CONTRADICTED`.
 */
export async function settleRefund(change: PaymentChange, told: PlatformRefund, now: Now): Promise<Refund> {
  const refund = await change.refund(told.outRefundNo);
  if (refund === undefined) throw PaymentErrors.UNKNOWN_REFUND({ refund: told.outRefundNo });
  const { state, amount, currency, outTradeNo: orderId, refundId: platformRefundId } = told;
  const next = advanceRefund(refund, { state, amount: { amount, currency }, orderId, platformRefundId }, now);
  if (next === undefined) return refund;
  await change.updateRefund(next);
  if (!isOpen(next)) await change.answered("refund", next.refundId);
  if (next.state === "succeeded") await bookRefund(change, next);
  if (next.state === "closed") await giveBackAgain(change, next, now);
  return next;
}

export async function bookCharge(change: PaymentChange, payment: Payment): Promise<void> {
  const { orderId, userId, charged, amount } = payment;
  const entry = { reference: orderId, orderId, userId, amount: { amount: charged, currency: amount.currency } };
  await change.book({ kind: "charge", ...entry });
}

/** Books a refund that has succeeded. */
export async function bookRefund(change: PaymentChange, { refundId, orderId, amount }: Refund): Promise<Payment> {
  const payment = await requiredPayment(change, orderId);
  const refunded = { ...payment, refunded: payment.refunded + amount.amount };
  await change.update(refunded);
  await change.book({ kind: "refund", reference: refundId, orderId, userId: payment.userId, amount });
  return refunded;
}

/** After a refund ended without giving anything back: money of an order that is gone must go back by another one. */
export async function giveBackAgain(change: PaymentChange, { orderId, refundId }: Refund, now: Now): Promise<void> {
  const { status } = await requiredPayment(change, orderId);
  if (status === "voided") await change.startGivingBack(orderId, `${refundId}-${now}`);
}

export async function requiredPayment(change: PaymentChange, orderId: string): Promise<Payment> {
  const payment = await change.payment(orderId);
  if (payment === undefined) throw PaymentErrors.UNKNOWN_PAYMENT({ order: orderId });
  return payment;
}

/** What is genuine and does not fit: a person must look into it. */
const irregular = [
  PaymentErrors.AMOUNT_MISMATCH,
  PaymentErrors.UNKNOWN_PAYMENT,
  PaymentErrors.UNKNOWN_REFUND,
  PaymentErrors.REFUND_CONTRADICTED,
];

/** Runs a settlement, and notes what does not fit beside the books before it is thrown on. */
export async function settling<T>(
  store: PaymentStore,
  call: Call,
  about: { readonly orderId: string; readonly source: string },
  settle: (change: PaymentChange) => Promise<T>,
): Promise<T> {
  try {
    return await store.change(call, settle);
  } catch (thrown) {
    if (irregular.some((each) => each.is(thrown))) await noteIrregularity(store, call, about, thrown);
    throw thrown;
  }
}

export async function noteIrregularity(
  store: PaymentStore,
  call: Call,
  { orderId, source }: { readonly orderId: string; readonly source: string },
  thrown: unknown,
): Promise<void> {
  const { reason, message: detail } = RpcError.from(thrown);
  call.log.error("the platform says what does not fit the books", { order: orderId, source, reason, detail });
  await store.change(call, (change) => change.note({ id: `${reason}/${source}`, reason, orderId, detail }));
}
