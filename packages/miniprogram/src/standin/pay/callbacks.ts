import type { CancelTimer } from "@sampan/core";
import { HttpEndpoint } from "../../wechat/http-endpoint.js";
import type { StandinContext } from "../context.js";
import type { Delivery } from "../state/events.js";
import type { Order } from "../state/state.js";
import { callbackMessage, type Tamper } from "./callback-message.js";
import type { PlatformCrypto } from "./merchant-route.js";

/** Connections to one merchant. */
const maxSockets = 64;

/**
 * Delivers payment callbacks: at once, then by the schedule of the rules until an answer is 2xx or the schedule is used
 * up. What was delivered, and when the next is due, is in the journal, so a restart goes on with it. A crash between a
 * delivery and its journal line delivers again: at least once, as on the real platform.
 */
export class Callbacks {
  readonly #context: StandinContext;
  readonly #crypto: PlatformCrypto;
  readonly #timers = new Map<string, CancelTimer>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #merchants = new Map<string, HttpEndpoint>();
  #closed = false;

  constructor(context: StandinContext, crypto: PlatformCrypto) {
    this.#context = context;
    this.#crypto = crypto;
  }

  /** Plans what a former process left: deliveries that are due, and payments that were never told. */
  resume(): void {
    for (const order of this.#context.store.state.orders.values()) {
      if (order.payment === undefined) continue;
      const last = order.deliveries.at(-1);
      const nextAt = last === undefined ? this.#context.clock.now() : last.nextAt;
      if (nextAt !== 0) this.#plan(order, nextAt);
    }
  }

  /** The planned delivery that is due now, as the schedule's next entry. */
  deliver(order: Order, tamper: Tamper = {}): Promise<Delivery> {
    return this.#track(this.#deliver(order, tamper));
  }

  /** A delivery beside the schedule, which goes on as if nothing was. The HTTP status, 0 when there was no answer. */
  resend(order: Order, tamper: Tamper = {}): Promise<number> {
    return this.#track(this.#post(order, tamper));
  }

  /** Resolves when no delivery is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    for (const merchant of this.#merchants.values()) merchant.close();
    await this.settled();
  }

  async #deliver(order: Order, tamper: Tamper): Promise<Delivery> {
    this.#timers.get(order.outTradeNo)?.();
    this.#timers.delete(order.outTradeNo);
    const { store, clock, rules } = this.#context;
    const at = clock.now();
    const status = await this.#post(order, tamper);
    const accepted = status >= 200 && status < 300;
    const wait = accepted ? undefined : rules.callbackRetriesMs[order.deliveries.length];
    const nextAt = wait === undefined ? 0 : clock.now() + wait;
    const delivery = { outTradeNo: order.outTradeNo, at, status, nextAt };
    // Not written by a process that is closing: the next one finds it undelivered and delivers again.
    if (this.#closed) return delivery;
    store.commit({ type: "delivery", ...delivery });
    if (nextAt !== 0) this.#plan(order, nextAt);
    return delivery;
  }

  #plan(order: Order, at: number): void {
    const { clock } = this.#context;
    const cancel = clock.timer(Math.max(0, at - clock.now()), () => void this.deliver(order), { background: true });
    this.#timers.set(order.outTradeNo, cancel);
  }

  async #post(order: Order, tamper: Tamper): Promise<number> {
    const { headers, body } = await callbackMessage(order, this.#context, this.#crypto, tamper);
    const { origin, pathname } = new URL(order.notifyUrl);
    const once = (): Promise<number> =>
      this.#merchant(origin)
        .send({ method: "POST", path: pathname, headers, body, repeatable: true })
        .then(
          (answer) => answer.status,
          () => 0,
        );
    const status = await once();
    for (let i = 0; i < Math.min(10, tamper.duplicates ?? 0); i++) await once();
    return status;
  }

  #merchant(origin: string): HttpEndpoint {
    let merchant = this.#merchants.get(origin);
    if (merchant === undefined) {
      const { rules, signingClock } = this.#context;
      merchant = new HttpEndpoint({ url: origin, maxSockets, timeoutMs: rules.callbackTimeoutMs, clock: signingClock });
      this.#merchants.set(origin, merchant);
    }
    return merchant;
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}
