import type { CancelTimer } from "@sampan/core";
import type { StandinContext } from "../context.js";
import { Outgoing } from "../http/outgoing.js";
import type { Delivery } from "../state/pay-events.js";
import { callbackMessage, type Tamper } from "./callback-message.js";
import type { PlatformCrypto } from "./merchant-route.js";
import { type Notice, paymentNotice, refundNotice } from "./notices.js";

/** Connections to one merchant. */
const maxSockets = 64;

/**
 * Delivers the callbacks of payments and refunds: at once, then by the schedule of the rules until an answer is 2xx or the schedule is used
 * up. What was delivered, and when the next is due, is in the journal, so a restart goes on with it. A crash between a
 * delivery and its journal line delivers again: at least once, as on the real platform.
 */
export class Callbacks {
  readonly #context: StandinContext;
  readonly #crypto: PlatformCrypto;
  readonly #timers = new Map<string, CancelTimer>();
  readonly #outgoing: Outgoing;
  #closed = false;

  constructor(context: StandinContext, crypto: PlatformCrypto) {
    this.#context = context;
    const { rules, signingClock: clock } = context;
    this.#outgoing = new Outgoing({ maxSockets, timeoutMs: rules.callbackTimeoutMs, clock });
    this.#crypto = crypto;
  }

  /** Plans what a former process left: deliveries that are due, and events that were never told. */
  resume(): void {
    const { store, clock } = this.#context;
    for (const order of store.state.orders.values()) {
      const payment = paymentNotice(order, this.#context);
      if (payment === undefined) continue;
      this.#resume(payment, clock.now(), () => paymentNotice(order, this.#context));
      for (const refund of order.refunds) {
        if (refund.notifyUrl === undefined) continue;
        if (refund.settlement === undefined && refund.settlesAt === 0) continue;
        const firstAt = Math.max(clock.now(), refund.settlesAt);
        this.#resume({ ...refund, key: `refund/${refund.outRefundNo}` }, firstAt, () =>
          refundNotice(refund, order, this.#context),
        );
      }
    }
  }

  /** The planned delivery that is due now, as the schedule's next entry. */
  deliver(notice: Notice, tamper: Tamper = {}): Promise<Delivery> {
    return this.#outgoing.track(this.#deliver(notice, tamper));
  }

  /** Delivers later what `notice` then gives; nothing when it is undefined. */
  plan(key: string, at: number, notice: () => Notice | undefined): void {
    const { clock } = this.#context;
    this.#timers.get(key)?.();
    const fire = (): void => {
      const due = notice();
      if (due !== undefined) void this.deliver(due);
    };
    this.#timers.set(key, clock.timer(Math.max(0, at - clock.now()), fire, { background: true }));
  }

  /** A delivery beside the schedule, which goes on as if nothing was. The HTTP status, 0 when there was no answer. */
  resend(notice: Notice, tamper: Tamper = {}): Promise<number> {
    return this.#outgoing.track(this.#post(notice, tamper));
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

  #resume(
    { key, deliveries }: Pick<Notice, "key" | "deliveries">,
    firstAt: number,
    notice: () => Notice | undefined,
  ): void {
    const last = deliveries.at(-1);
    const nextAt = last === undefined ? firstAt : last.nextAt;
    if (nextAt !== 0) this.plan(key, nextAt, notice);
  }

  async #deliver(notice: Notice, tamper: Tamper): Promise<Delivery> {
    this.#timers.get(notice.key)?.();
    this.#timers.delete(notice.key);
    const { store, clock, rules } = this.#context;
    const at = clock.now();
    // Told to nobody before it would survive a crash.
    await store.durable();
    const status = await this.#post(notice, tamper);
    const accepted = status >= 200 && status < 300;
    const wait = accepted ? undefined : rules.callbackRetriesMs[notice.deliveries.length];
    const nextAt = wait === undefined ? 0 : clock.now() + wait;
    const delivery = { ...notice.about, at, status, nextAt };
    // Not written by a process that is closing: the next one finds it undelivered and delivers again.
    if (this.#closed) return delivery;
    store.commit({ type: "delivery", ...delivery });
    if (nextAt !== 0) this.plan(notice.key, nextAt, () => notice);
    return delivery;
  }

  async #post(notice: Notice, tamper: Tamper): Promise<number> {
    const { headers, body } = await callbackMessage(notice, this.#context, this.#crypto, tamper);
    const { origin, pathname } = new URL(notice.notifyUrl);
    const once = (): Promise<number> =>
      this.#outgoing
        .to(origin)
        .send({ method: "POST", path: pathname, headers, body, repeatable: true })
        .then(
          (answer) => answer.status,
          () => 0,
        );
    const status = await once();
    for (let i = 0; i < Math.min(10, tamper.duplicates ?? 0); i++) await once();
    return status;
  }
}
