import type { Call, Money } from "@sampan/core";
import { MiniProgramErrors, type PayProvider, type RefundState } from "@sampan/miniprogram";
import { PaymentErrors } from "./domain/errors.js";
import { acceptPaid, checkRefund, type Payment } from "./domain/payment.js";
import type { PaymentChange, PaymentStore } from "./payment-store.js";

export interface RefundingDeps {
  readonly store: PaymentStore;
  readonly platform: PayProvider;
}

export interface RefundRequest {
  readonly refundId: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly reason: string;
}

/**
 * Gives back a part of a payment, once for each refund id however often it is called: the intention is committed, then
 * the platform is asked (which knows the refund id too), then the result is booked. A wallet needs no platform and is
 * done in one transaction. Rejects with `Unavailable` while the platform still works on it. What the platform refuses is
 * forgotten, so that it does not count against later refunds.
 */
export async function refundPayment(deps: RefundingDeps, request: RefundRequest, call: Call): Promise<Payment> {
  const { refundId, orderId, amount } = request;
  const begun = await deps.store.change(call, async (change) => {
    const payment = await required(change, orderId);
    const record = await change.refund(refundId);
    if (record !== undefined) {
      const same = record.orderId === orderId && record.amount.amount === amount.amount;
      if (!same) throw PaymentErrors.REFUND_CHANGED({ refund: refundId });
      return { payment, done: record.done };
    }
    checkRefund(payment, amount, await change.pendingRefunds(orderId));
    await change.insertRefund({ refundId, orderId, amount, done: false });
    if (payment.kind === "pay-order") return { payment, done: false };
    await change.addBalance(payment.userId, amount);
    return { payment: await finish(change, request), done: true };
  });
  if (begun.done) return begun.payment;
  const state = await askPlatform(deps, request, begun.payment, call);
  if (state === "processing") throw PaymentErrors.REFUND_PROCESSING({ refund: refundId });
  if (state !== "succeeded") throw PaymentErrors.REFUND_ABNORMAL({ refund: refundId, state });
  return deps.store.change(call, (change) => finish(change, request));
}

async function askPlatform(
  deps: RefundingDeps,
  { refundId, orderId, amount, reason }: RefundRequest,
  payment: Payment,
  call: Call,
): Promise<RefundState> {
  const total = payment.amount.amount;
  const shown = reason === "" ? {} : { reason: shortened(reason) };
  const refund = { outTradeNo: orderId, outRefundNo: refundId, ...amount, total, ...shown };
  try {
    return (await deps.platform.refund(refund, call)).state;
  } catch (error) {
    if (refusals.some((each) => each.is(error))) await deps.store.change(call, (change) => change.dropRefund(refundId));
    throw error;
  }
}

/** Answers that mean: nothing was given back, and nothing will be. */
const refusals = [
  MiniProgramErrors.REFUND_REJECTED,
  MiniProgramErrors.PAY_REQUEST_INVALID,
  MiniProgramErrors.PAY_NOT_FOUND,
];

/** As much of a reason as platforms show: 80 bytes. The order keeps all of it. */
function shortened(reason: string): string {
  let text = "";
  for (const character of reason) {
    if (Buffer.byteLength(text + character) > 80) break;
    text += character;
  }
  return text;
}

/**
 * Ends a payment that its order does not want any more: an unpaid pay order is closed, what was paid is given back.
 * Safe to repeat after a crash at any point. Undefined when there was no payment; a mark then refuses a late one.
 */
export async function voidPayment(
  deps: RefundingDeps,
  orderId: string,
  call: Call,
  leaveMark: (change: PaymentChange) => Promise<void>,
): Promise<Payment | undefined> {
  const payment = await deps.store.change(call, async (change) => {
    const existing = await change.payment(orderId);
    if (existing === undefined) {
      await leaveMark(change);
      return undefined;
    }
    if (existing.status === "voided") return existing;
    const voided: Payment = { ...existing, status: "voided" };
    await change.update(voided);
    return voided;
  });
  if (payment === undefined) return undefined;
  if (payment.kind === "pay-order" && payment.charged === 0n) await closePayOrder(deps, payment, call);
  return giveBackRest(deps, orderId, call);
}

/**
 * Refunds whatever of a voided payment was taken and not given back. Two may do so at a time, a void and the work that a
 * late callback began: they ask for the same refund, word for word, or the platform would refuse the second one.
 */
export async function giveBackRest(deps: RefundingDeps, orderId: string, call: Call): Promise<Payment | undefined> {
  const payment = await deps.store.payment(orderId);
  if (payment === undefined || payment.charged === payment.refunded) return payment;
  const amount = { amount: payment.charged - payment.refunded, currency: payment.amount.currency };
  return refundPayment(
    deps,
    { refundId: `void-${orderId}`, orderId, amount, reason: "the order was not completed" },
    call,
  );
}

/** Closes the order on the platform; when the user was faster, books what they paid. */
async function closePayOrder(deps: RefundingDeps, payment: Payment, call: Call): Promise<void> {
  const { orderId } = payment;
  try {
    await deps.platform.close(orderId, call);
    return;
  } catch (error) {
    // Never created there, so there is nothing to close.
    if (MiniProgramErrors.PAY_NOT_FOUND.is(error)) return;
    if (!MiniProgramErrors.PAY_ORDER_PAID.is(error)) throw error;
  }
  const paid = await deps.platform.query(orderId, call);
  await deps.store.change(call, async (change) => {
    const money = { amount: paid.amount, currency: paid.currency };
    const accepted = acceptPaid(await required(change, orderId), money, paid.transactionId ?? "");
    if (accepted === undefined) return;
    await change.update(accepted.payment);
    await bookCharge(change, accepted.payment);
  });
}

export async function bookCharge(change: PaymentChange, payment: Payment): Promise<void> {
  const { orderId, userId, charged, amount } = payment;
  const entry = { reference: orderId, orderId, userId, amount: { amount: charged, currency: amount.currency } };
  await change.book({ kind: "charge", ...entry });
}

async function finish(change: PaymentChange, request: RefundRequest): Promise<Payment> {
  const { refundId, orderId, amount } = request;
  const payment = await required(change, orderId);
  if ((await change.refund(refundId))?.done === true) return payment;
  const refunded = { ...payment, refunded: payment.refunded + amount.amount };
  await change.update(refunded);
  await change.finishRefund(refundId);
  await change.book({ kind: "refund", reference: refundId, orderId, userId: payment.userId, amount });
  return refunded;
}

async function required(change: PaymentChange, orderId: string): Promise<Payment> {
  const payment = await change.payment(orderId);
  if (payment === undefined) throw PaymentErrors.UNKNOWN_PAYMENT({ order: orderId });
  return payment;
}
