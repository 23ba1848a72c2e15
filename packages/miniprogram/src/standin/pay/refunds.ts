import { randomBytes, randomInt } from "node:crypto";
import type { JsonObject } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply } from "../http/exchange.js";
import { Quota } from "../quota.js";
import type { RefundOutcome, RefundTerms } from "../state/pay-events.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";
import type { Callbacks } from "./callbacks.js";
import { merchantRoute, type PlatformCrypto, payFailure } from "./merchant-route.js";
import { refundNotice } from "./notices.js";
import { readRefundRequest, ruleRefusal, type WantedRefund } from "./refund-request.js";
import { refundObject } from "./transaction.js";

/** Refunds: create (repeatable by `out_refund_no`) and query. They settle by themselves, or by `settle`. */
export class Refunds {
  readonly routes: readonly Route[];
  readonly #context: StandinContext;
  readonly #callbacks: Callbacks;

  constructor(context: StandinContext, crypto: PlatformCrypto, callbacks: Callbacks) {
    this.#context = context;
    this.#callbacks = callbacks;
    const { refunds, refundQueries } = context.rules.payRequestsPerSecond;
    const perSecond = (limit: number): Quota => new Quota(context.clock, limit, 1000);
    this.routes = [
      {
        method: "POST",
        path: /^\/v3\/refund\/domestic\/refunds$/,
        handle: merchantRoute((request) => this.#create(jsonBody(request)), context, crypto, perSecond(refunds)),
      },
      {
        method: "GET",
        path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/,
        handle: merchantRoute((_, [number = ""]) => this.#query(number), context, crypto, perSecond(refundQueries)),
      },
    ];
  }

  /** Ends a refund that is processed. False when it has ended already. */
  settle(refund: RefundEntry, outcome: RefundOutcome): boolean {
    const { store, clock } = this.#context;
    if (settlementOf(refund, clock.now()) !== undefined) return false;
    store.commit({ type: "refund-settled", outRefundNo: refund.outRefundNo, outcome, at: clock.now() });
    this.#plan(refund);
    return true;
  }

  #create(body: JsonObject | undefined): StandinReply {
    const { store, clock } = this.#context;
    const wanted = readRefundRequest(body, this.#context);
    if ("status" in wanted) return wanted;
    const order = store.state.orders.get(wanted.outTradeNo);
    if (order?.payment === undefined) return payFailure(404, "RESOURCE_NOT_EXISTS", "no paid order of this number");
    const existing = store.state.refunds.get(wanted.outRefundNo);
    if (existing !== undefined) {
      const same = (Object.keys(wanted) as (keyof WantedRefund)[]).every((field) => existing[field] === wanted[field]);
      if (!same) return payFailure(400, "INVALID_REQUEST", "out_refund_no was used with other content");
      return json(200, refundObject(existing, order, clock.now()));
    }
    const refusal = ruleRefusal(wanted, order, this.#context);
    if (refusal !== undefined) return refusal;
    store.commit({ type: "refund", ...this.#terms(wanted, order) });
    const refund = store.state.refunds.get(wanted.outRefundNo) as RefundEntry;
    if (refund.settlesAt !== 0) this.#plan(refund);
    return json(200, refundObject(refund, order, clock.now()));
  }

  #terms(wanted: WantedRefund, order: Order): RefundTerms {
    const now = this.#context.clock.now();
    const outcome = order.refundOutcome;
    return {
      ...wanted,
      refundId: `503${String(randomInt(2 ** 47)).padStart(25, "0")}`,
      createdAt: now,
      settlesAt: outcome === "PROCESSING" ? 0 : now + this.#context.rules.refundSettleMs,
      ...(outcome === undefined || outcome === "PROCESSING" ? {} : { outcome }),
      ...(wanted.notifyUrl === undefined ? {} : { notificationId: `EV-${randomBytes(16).toString("hex")}` }),
    };
  }

  #plan(refund: RefundEntry): void {
    const { store, clock } = this.#context;
    const order = store.state.orders.get(refund.outTradeNo);
    if (refund.notifyUrl === undefined || order === undefined) return;
    const at = refund.settlement === undefined ? refund.settlesAt : clock.now();
    this.#callbacks.plan(`refund/${refund.outRefundNo}`, at, () => refundNotice(refund, order, this.#context));
  }

  #query(outRefundNo: string): StandinReply {
    const { store, clock } = this.#context;
    const refund = store.state.refunds.get(outRefundNo);
    const order = refund && store.state.orders.get(refund.outTradeNo);
    if (refund === undefined || order === undefined) return payFailure(404, "RESOURCE_NOT_EXISTS", "no such refund");
    return json(200, refundObject(refund, order, clock.now()));
  }
}
