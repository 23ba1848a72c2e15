import type { Call, Clock, Money } from "@sampan/core";
import { MiniProgramErrors, type PayProvider, type Refund as PlatformRefund } from "@sampan/miniprogram";
import { PaymentErrors } from "./domain/errors.js";
import { type AskingTimes, askAt } from "./domain/inquiry.js";
import type { Payment } from "./domain/payment.js";
import { checkRefund, type Refund } from "./domain/refund.js";
import type { PaymentChange, PaymentStore } from "./payment-store.js";
import { bookRefund, giveBackAgain, requiredPayment, settleRefund, settling } from "./settling.js";

export interface RefundingDeps {
  readonly store: PaymentStore;
  readonly platform: PayProvider;
  readonly clock: Clock;
  readonly times: AskingTimes;
  /** Where the platform sends its callbacks, asked for each time: the gateway's address may be known late. */
  readonly notifyUrl: () => string | undefined;
  /** Refunds that this process is asking the platform for, by their ids. */
  readonly asking: Map<string, Promise<Refund>>;
}

export interface RefundRequest {
  readonly refundId: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly reason: string;
}

/**
 * Gives back a part of a payment, once for each refund id however often it is called: the intention is committed, then
 * the platform is asked (which knows the refund id too), then what it says is taken over. A wallet needs no platform and
 * is done in one transaction. Rejects with `Unavailable` while the refund has no end; it is asked for until it has. What
 * the platform refuses is forgotten, so that it does not count against later refunds.
 */
export async function refundPayment(deps: RefundingDeps, request: RefundRequest, call: Call): Promise<Payment> {
  const { refundId, orderId } = request;
  const begun = await deps.store.change(call, (change) => writeDown(deps, change, request, call));
  const { refund, payment, isNew } = begun;
  const { state } = refund.state === "asked" ? await askForRefund(deps, refund, payment, isNew, call) : refund;
  if (state === "closed") throw PaymentErrors.REFUND_CLOSED({ refund: refundId });
  if (state === "abnormal") throw PaymentErrors.REFUND_ABNORMAL({ refund: refundId });
  if (state !== "succeeded") throw PaymentErrors.REFUND_PROCESSING({ refund: refundId });
  return (await deps.store.payment(orderId)) as Payment;
}

/**
 * Asks the platform for a refund whose answer is not known; whoever asks meanwhile waits for that answer, because one
 * refused and one taken would leave the two with different stories, and asks anew only when there was none. A refund that may have been asked for before is
 * looked for first: the platform compares every word of a repeated request, and our address may have changed.
 */
export async function askForRefund(
  deps: RefundingDeps,
  refund: Refund,
  payment: Payment,
  isNew: boolean,
  call: Call,
): Promise<Refund> {
  const { refundId } = refund;
  for (let other = deps.asking.get(refundId); other !== undefined; other = deps.asking.get(refundId)) {
    const told = await other.catch((error: unknown) => {
      if (isRefusal(error)) throw error;
    });
    if (told !== undefined) return told;
  }
  const answer = ask(deps, refund, payment, isNew, call).finally(() => deps.asking.delete(refundId));
  deps.asking.set(refundId, answer);
  return answer;
}

async function ask(deps: RefundingDeps, refund: Refund, payment: Payment, isNew: boolean, call: Call): Promise<Refund> {
  const { refundId, orderId } = refund;
  if (!isNew) {
    // An answer may have come since the caller looked.
    const current = await deps.store.change(call, (change) => change.refund(refundId));
    if (current === undefined) throw PaymentErrors.UNKNOWN_REFUND({ refund: refundId });
    if (current.state !== "asked") return current;
  }
  const known = isNew ? undefined : await findRefund(deps, refund, call);
  const told = known ?? (await sendRefund(deps, refund, payment, call));
  return settling(deps.store, call, { orderId, source: refundId }, async (change) => {
    // Refused to another process at the same moment, and forgotten: it is there all the same.
    if ((await change.refund(refundId)) === undefined) await change.insertRefund(refund);
    return settleRefund(change, told, deps.clock.now());
  });
}

/** Undefined when the platform has no such refund. */
export async function findRefund(
  { platform }: RefundingDeps,
  { orderId, refundId }: Refund,
  call: Call,
): Promise<PlatformRefund | undefined> {
  try {
    return await platform.queryRefund({ outTradeNo: orderId, outRefundNo: refundId }, call);
  } catch (error) {
    if (MiniProgramErrors.PAY_NOT_FOUND.is(error)) return undefined;
    throw error;
  }
}

/** The intention, in one transaction with what led to it. A refund that there is already must be the same. */
export async function writeDown(
  { clock, times }: RefundingDeps,
  change: PaymentChange,
  { refundId, orderId, amount, reason }: RefundRequest,
  call: Call,
): Promise<{ readonly refund: Refund; readonly payment: Payment; readonly isNew: boolean }> {
  const payment = await requiredPayment(change, orderId);
  const existing = await change.refund(refundId);
  if (existing !== undefined) {
    const same = existing.orderId === orderId && existing.amount.amount === amount.amount;
    if (!same) throw PaymentErrors.REFUND_CHANGED({ refund: refundId });
    return { refund: existing, payment, isNew: false };
  }
  checkRefund(payment, amount, await change.refunds(orderId));
  const createdAt = clock.now();
  const wallet = payment.kind === "wallet";
  const refund: Refund = {
    refundId,
    orderId,
    amount,
    state: wallet ? "succeeded" : "asked",
    reason: shortened(reason),
    createdAt,
    platformRefundId: "",
    billing: undefined,
  };
  await change.insertRefund(refund);
  if (wallet) {
    await change.addBalance(payment.userId, amount);
    return { refund, payment: await bookRefund(change, refund), isNew: true };
  }
  const inquiry = { reference: refundId, since: createdAt, askAt: askAt(times.refund, 0, createdAt), asks: 0 };
  await change.inquire({ kind: "refund", ...inquiry, tenant: call.tenant });
  return { refund, payment, isNew: true };
}

async function sendRefund(
  { store, platform, clock, notifyUrl }: RefundingDeps,
  refund: Refund,
  payment: Payment,
  call: Call,
): Promise<PlatformRefund> {
  const { refundId, orderId, amount, reason } = refund;
  const shown = reason === "" ? {} : { reason };
  const address = platform.capabilities.refundCallback ? notifyUrl() : undefined;
  // Without a callback the questions find out.
  const told = address === undefined ? {} : { notifyUrl: address };
  const order = { outTradeNo: orderId, outRefundNo: refundId, ...amount, total: payment.amount.amount, ...shown };
  try {
    return await platform.refund({ ...order, ...told }, call);
  } catch (error) {
    if (isRefusal(error)) {
      await store.change(call, async (change) => {
        if (!(await change.dropRefund(refundId))) return;
        await change.answered("refund", refundId);
        // One of the order's own: what it held back from the give-back is left over now.
        if (!refundId.startsWith("void-")) await giveBackAgain(change, refund, clock.now());
      });
    }
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return refusals.some((each) => each.is(error));
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
