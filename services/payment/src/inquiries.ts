import { type Call, RpcError, type Runtime } from "@sampan/core";
import { MiniProgramErrors, type PayTransaction } from "@sampan/miniprogram";
import { askAt, type Inquiry, payOrderStep } from "./domain/inquiry.js";
import type { Payment } from "./domain/payment.js";
import { askForRefund, findRefund, type RefundingDeps } from "./refunding.js";
import { settlePaid, settleRefund, settling } from "./settling.js";
import { closePayOrder, endPayOrder } from "./voiding.js";

/** How many questions are taken up at a time, and how many of them wait for the platform at once. */
const batch = 40;
const atOnce = 4;

/**
 * Asks the platform for what it has not told: pay orders without a callback, which are closed when they have expired,
 * and refunds that it works on. What it answers is booked just as a callback is. A question is put off in a transaction
 * before it is asked, so that no two instances ask it, and one that is cut off is asked again.
 *
 * Resolves with how many questions were due.
 */
async function askPlatform(deps: RefundingDeps, call: Call): Promise<number> {
  const { store, clock, times } = deps;
  const due = await store.change(call, (change) =>
    change.takeDue(clock.now(), batch, async ({ kind, reference, asks }) => {
      const expiresAt = kind === "pay-order" ? (await change.payment(reference))?.expiresAt : undefined;
      const waits = kind === "pay-order" ? times.payOrder : times.refund;
      return askAt(waits, asks + 1, clock.now(), expiresAt);
    }),
  );
  const left = [...due];
  const worker = async (): Promise<void> => {
    for (let inquiry = left.shift(); inquiry !== undefined; inquiry = left.shift()) await ask(deps, inquiry, call);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, worker));
  return due.length;
}

async function ask(deps: RefundingDeps, inquiry: Inquiry, parent: Call): Promise<void> {
  const { kind, reference, tenant } = inquiry;
  const origin = { tenant, releaseTag: "", traceparent: "" };
  try {
    await parent.runtime.run({ name: `payment/ask-${kind}`, origin, timeoutMs: 30_000 }, (call) =>
      kind === "pay-order" ? askPayOrder(deps, reference, call) : askRefund(deps, reference, call),
    );
  } catch (error) {
    // It is asked again by itself.
    const { reason, message } = RpcError.from(error);
    parent.log.warn("the platform gave no answer that could be booked", { kind, reference, reason, message });
  }
}

async function askPayOrder(deps: RefundingDeps, orderId: string, call: Call): Promise<void> {
  const { store, clock } = deps;
  const payment = await store.payment(orderId);
  if (payment === undefined) return store.change(call, (change) => change.answered("pay-order", orderId));
  const told = await queryOrder(deps, payment, call);
  switch (payOrderStep(payment, told?.state ?? "unknown", clock.now())) {
    case "settle": {
      const paid = told as PayTransaction;
      await settling(store, call, { orderId, source: orderId }, (change) => settlePaid(change, paid, clock.now()));
      return;
    }
    case "close":
      return closePayOrder(deps, orderId, call);
    case "end":
      return store.change(call, (change) => endPayOrder(change, orderId));
    case "wait":
  }
}

async function queryOrder(
  { platform }: RefundingDeps,
  { orderId, charged }: Payment,
  call: Call,
): Promise<PayTransaction | undefined> {
  if (charged > 0n) return undefined;
  try {
    return await platform.query(orderId, call);
  } catch (error) {
    if (MiniProgramErrors.PAY_NOT_FOUND.is(error)) return undefined;
    throw error;
  }
}

async function askRefund(deps: RefundingDeps, refundId: string, call: Call): Promise<void> {
  const { store, clock } = deps;
  const { refund, payment } = await store.change(call, async (change) => {
    const found = await change.refund(refundId);
    if (found === undefined) await change.answered("refund", refundId);
    return { refund: found, payment: found === undefined ? undefined : await change.payment(found.orderId) };
  });
  if (refund === undefined || payment === undefined) return;
  if (refund.state === "asked") {
    await askForRefund(deps, refund, payment, false, call);
    return;
  }
  const told = await findRefund(deps, refund, call);
  if (told === undefined) throw MiniProgramErrors.PAY_NOT_FOUND({ platform_code: "" });
  const { state } = await settling(store, call, { orderId: refund.orderId, source: refundId }, (change) =>
    settleRefund(change, told, clock.now()),
  );
  if (state === "abnormal") {
    call.log.error("a refund could not be carried out: settle it by hand on the merchant platform", {
      refund: refundId,
      order: refund.orderId,
    });
  }
}

export interface AskDueOptions {
  readonly deps: RefundingDeps;
  readonly runtime: Runtime;
  /** Called every now and then, for gauges. */
  readonly measure: () => Promise<void>;
}

/** Counting reads every row that waits; in ms. */
const measureEveryMs = 15_000;

/** What `repeating` does: asks what is due, until nothing is. */
export function askDue({ deps, runtime, measure }: AskDueOptions): (stopped: () => boolean) => Promise<void> {
  const { clock } = runtime;
  let measureAt = Number.NEGATIVE_INFINITY;
  return async (stopped) => {
    try {
      await runtime.run({ name: "payment/ask", timeoutMs: 10 * 60_000 }, async (call) => {
        while (!stopped() && (await askPlatform(deps, call)) === batch);
      });
      if (clock.monotonic() < measureAt) return;
      measureAt = clock.monotonic() + measureEveryMs;
      await measure();
    } catch (error) {
      runtime.logger.error("the platform could not be asked for payments; trying again later", { error });
    }
  };
}
