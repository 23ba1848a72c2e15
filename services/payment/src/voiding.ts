import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "@sampan/miniprogram";
import { expiryGraceMs } from "./domain/inquiry.js";
import type { Payment } from "./domain/payment.js";
import { planGiveBack } from "./domain/refund.js";
import type { PaymentChange } from "./payment-store.js";
import { askForRefund, type RefundingDeps, writeDown } from "./refunding.js";
import { requiredPayment, settlePaid, settling } from "./settling.js";

/**
 * Ends a payment that its order does not want any more: an unpaid pay order is closed, what was paid is given back.
 * Safe to repeat after a crash at any point. Resolves when the platform has taken the refund, which may need days to its
 * end. Undefined when there was no payment; a mark then refuses a late one.
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
  if (payment.kind === "pay-order" && payment.charged === 0n) await closePayOrder(deps, orderId, call);
  await giveBackRest(deps, orderId, call);
  return deps.store.payment(orderId);
}

/**
 * Refunds whatever of a voided payment was taken and is not on its way back. Two may do so at a time, a void and the
 * work that a late payment began: they ask for the same refund.
 */
export async function giveBackRest(deps: RefundingDeps, orderId: string, call: Call): Promise<void> {
  const begun = await deps.store.change(call, async (change) => {
    const plan = planGiveBack(await requiredPayment(change, orderId), await change.refunds(orderId));
    if (plan === undefined) return undefined;
    return writeDown(deps, change, { ...plan, orderId, reason: "the order was not completed" }, call);
  });
  if (begun?.refund.state === "asked") await askForRefund(deps, begun.refund, begun.payment, begun.isNew, call);
}

/**
 * Closes a pay order on the platform; when the user was faster, books what they paid. Afterwards it is paid, or cannot
 * be paid any more and is void here too.
 */
export async function closePayOrder(deps: RefundingDeps, orderId: string, call: Call): Promise<void> {
  const { store, platform, clock } = deps;
  try {
    await platform.close(orderId, call);
  } catch (error) {
    if (MiniProgramErrors.PAY_ORDER_PAID.is(error)) {
      const paid = await platform.query(orderId, call);
      await settling(store, call, { orderId, source: orderId }, (change) => settlePaid(change, paid, clock.now()));
      return;
    }
    // It was never created there; or is just being created, and so is asked for until it would have expired.
    if (MiniProgramErrors.PAY_NOT_FOUND.is(error)) return;
    // It ends by itself when its time is over, and what is paid until then is given back.
    if (!MiniProgramErrors.NOT_OFFERED.is(error)) throw error;
    const payment = await store.payment(orderId);
    if (payment !== undefined && clock.now() < payment.expiresAt + expiryGraceMs) return;
  }
  await store.change(call, (change) => endPayOrder(change, orderId));
}

/** The platform will not take money for this order any more. */
export async function endPayOrder(change: PaymentChange, orderId: string): Promise<void> {
  await change.answered("pay-order", orderId);
  const payment = await change.payment(orderId);
  if (payment?.status === "awaiting") await change.update({ ...payment, status: "voided" });
}
