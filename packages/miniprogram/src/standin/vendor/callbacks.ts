import type { CancelTimer } from "@sampan/core";
import type { StandinContext } from "../context.js";
import { Outgoing } from "../http/outgoing.js";
import type { Tamper } from "../pay/callback-message.js";
import type { Delivery } from "../state/pay-events.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";
import type { VendorPay } from "./notice.js";

/** Connections to one merchant. */
const maxSockets = 16;
const noAnswer = 0;
/** The status that the journal keeps for an answer that was 2xx and did not say that the callback was understood. */
const notUnderstood = 422;

/**
 * Delivers a vendor's callbacks, of payments and of refunds: at once, then by the vendor's schedule until the answer
 * says that it was understood, or the schedule is used up. What is due is in the journal, so a restart goes on with it.
 */
export class VendorCallbacks {
  readonly #context: StandinContext;
  readonly #pay: VendorPay;
  readonly #timers = new Map<string, CancelTimer>();
  readonly #outgoing: Outgoing;
  #closed = false;

  constructor(context: StandinContext, pay: VendorPay) {
    this.#context = context;
    const { rules, signingClock: clock } = context;
    this.#outgoing = new Outgoing({ maxSockets, timeoutMs: rules.callbackTimeoutMs, clock });
    this.#pay = pay;
  }

  /** Plans what a former process left. */
  resume(): void {
    for (const order of this.#context.store.state.orders.values()) {
      if (order.payment !== undefined) this.#resume(order, undefined, order.payment.paidAt);
      for (const refund of order.refunds) this.plan(order, refund);
    }
  }

  /** A refund that was accepted: told when it is settled, if somebody wants to hear of it. */
  plan(order: Order, refund: RefundEntry): void {
    if (refund.notifyUrl !== undefined) this.#resume(order, refund, refund.settlesAt);
  }

  /** The planned delivery that is due now, as the schedule's next entry. */
  deliver(order: Order, refund: RefundEntry | undefined, tamper: Tamper = {}): Promise<Delivery> {
    return this.#outgoing.track(this.#deliver(order, refund, tamper));
  }

  /** A delivery beside the schedule, which goes on as if nothing was. The HTTP status, 0 when there was no answer. */
  resend(order: Order, refund: RefundEntry | undefined, tamper: Tamper = {}): Promise<number> {
    return this.#outgoing.track(this.#post(order, refund, tamper));
  }

  /** Resolves when no delivery is under way. */
  settled(): Promise<void> {
    return this.#outgoing.settled();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    await this.#outgoing.close();
  }

  #resume(order: Order, refund: RefundEntry | undefined, firstAt: number): void {
    const last = (refund ?? order).deliveries.at(-1);
    const nextAt = last === undefined ? firstAt : last.nextAt;
    if (nextAt !== 0) this.#plan(order, refund, nextAt);
  }

  async #deliver(order: Order, refund: RefundEntry | undefined, tamper: Tamper): Promise<Delivery> {
    const key = keyOf(order, refund);
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    const { store, clock } = this.#context;
    const at = clock.now();
    const status = await this.#post(order, refund, tamper);
    const accepted = status >= 200 && status < 300;
    const wait = accepted ? undefined : this.#pay.retriesMs[(refund ?? order).deliveries.length];
    const nextAt = wait === undefined ? 0 : clock.now() + wait;
    const about = refund === undefined ? {} : { outRefundNo: refund.outRefundNo };
    const delivery: Delivery = { outTradeNo: order.outTradeNo, ...about, at, status, nextAt };
    // Not written by a process that is closing: the next one finds it undelivered and delivers again.
    if (this.#closed) return delivery;
    store.commit({ type: "delivery", ...delivery });
    if (nextAt !== 0) this.#plan(order, refund, nextAt);
    return delivery;
  }

  #plan(order: Order, refund: RefundEntry | undefined, at: number): void {
    const { clock } = this.#context;
    const fire = (): void => {
      if (refund !== undefined && settlementOf(refund, clock.now()) === undefined) return;
      void this.deliver(order, refund);
    };
    this.#timers.set(keyOf(order, refund), clock.timer(Math.max(0, at - clock.now()), fire, { background: true }));
  }

  async #post(order: Order, refund: RefundEntry | undefined, tamper: Tamper): Promise<number> {
    const { headers, body } = await this.#pay.message(order, refund, tamper);
    const { origin, pathname } = new URL(refund?.notifyUrl ?? order.notifyUrl);
    const once = (): Promise<number> =>
      this.#outgoing
        .to(origin)
        .send({ method: "POST", path: pathname, headers, body, repeatable: true })
        .then(
          (answer) => {
            const isSuccess = answer.status >= 200 && answer.status < 300;
            return isSuccess && !this.#pay.accepts(answer) ? notUnderstood : answer.status;
          },
          () => noAnswer,
        );
    const status = await once();
    for (let i = 0; i < Math.min(10, tamper.duplicates ?? 0); i++) await once();
    return status;
  }
}

function keyOf(order: Order, refund: RefundEntry | undefined): string {
  return refund === undefined ? order.outTradeNo : `${order.outTradeNo} ${refund.outRefundNo}`;
}
