import type {
  BillPlant,
  Delivery,
  OrderTerms,
  PayEvent,
  Payment,
  PlatformCertificate,
  RefundOutcome,
  RefundSettlement,
  RefundTerms,
  Signing,
} from "./pay-events.js";

export interface Order extends OrderTerms {
  prepayId: string;
  /** When its prepay id was given out. */
  preparedAt: number;
  /** By hand, before its time. */
  expiredAt: number | undefined;
  payment: Payment | undefined;
  closed: boolean;
  /** How often the user said no. */
  refusals: number;
  readonly refunds: RefundEntry[];
  /** Of the payment's callback. */
  readonly deliveries: Delivery[];
  /** Of the next refund. */
  refundOutcome: RefundOutcome | "PROCESSING" | undefined;
}

export interface RefundEntry extends RefundTerms {
  /** By hand, before `settlesAt`. */
  settlement: RefundSettlement | undefined;
  readonly deliveries: Delivery[];
}

/** How a refund ended; undefined while it is processed. */
export function settlementOf(refund: RefundEntry, now: number): RefundSettlement | undefined {
  if (refund.settlement !== undefined) return refund.settlement;
  if (refund.settlesAt === 0 || now < refund.settlesAt) return undefined;
  return { outcome: refund.outcome ?? "SUCCESS", at: refund.settlesAt };
}

/** What the stand-in knows of payments: a fold over `PayEvent`. */
export class PayState {
  readonly orders: Map<string, Order> = new Map();
  /** Also by prepay ids that were replaced. */
  readonly ordersByPrepayId: Map<string, Order> = new Map();
  readonly ordersByTransactionId: Map<string, Order> = new Map();
  readonly refunds: Map<string, RefundEntry> = new Map();
  readonly certificates: PlatformCertificate[] = [];
  signing: Signing = { answers: "asked", callbacks: "public-key", certificates: true };
  plants: BillPlant[] = [];

  apply(event: PayEvent): void {
    switch (event.type) {
      case "order":
        this.#addOrder(event);
        break;
      case "prepay": {
        const order = this.#order(event.outTradeNo);
        order.prepayId = event.prepayId;
        order.preparedAt = event.at;
        this.ordersByPrepayId.set(event.prepayId, order);
        break;
      }
      case "user-refused":
        this.#order(event.outTradeNo).refusals++;
        break;
      case "paid": {
        const order = this.#order(event.outTradeNo);
        order.payment = event;
        this.ordersByTransactionId.set(event.transactionId, order);
        break;
      }
      case "closed":
        this.#order(event.outTradeNo).closed = true;
        break;
      case "order-expired":
        this.#order(event.outTradeNo).expiredAt = event.at;
        break;
      case "refund-outcome":
        this.#order(event.outTradeNo).refundOutcome = event.outcome;
        break;
      case "refund": {
        const entry: RefundEntry = { ...event, settlement: undefined, deliveries: [] };
        const order = this.#order(event.outTradeNo);
        this.refunds.set(event.outRefundNo, entry);
        order.refunds.push(entry);
        order.refundOutcome = undefined;
        break;
      }
      case "refund-settled":
        this.#refund(event.outRefundNo).settlement = { outcome: event.outcome, at: event.at };
        break;
      case "delivery":
        if (event.outRefundNo === undefined) this.#order(event.outTradeNo).deliveries.push(event);
        else this.#refund(event.outRefundNo).deliveries.push(event);
        break;
      case "platform-certificate":
        this.certificates.push(event);
        break;
      case "signing":
        this.signing = event;
        break;
      case "bill-plant":
        this.plants = [...this.plants, event];
        break;
      case "bill-plants-cleared":
        this.plants = [];
        break;
    }
  }

  #addOrder(terms: OrderTerms): void {
    const order: Order = {
      ...terms,
      preparedAt: terms.createdAt,
      expiredAt: undefined,
      payment: undefined,
      closed: false,
      refusals: 0,
      refunds: [],
      deliveries: [],
      refundOutcome: undefined,
    };
    this.orders.set(order.outTradeNo, order);
    this.ordersByPrepayId.set(order.prepayId, order);
  }

  #order(outTradeNo: string): Order {
    const order = this.orders.get(outTradeNo);
    if (order === undefined) throw new Error("the journal speaks of an order that it does not know");
    return order;
  }

  #refund(outRefundNo: string): RefundEntry {
    const refund = this.refunds.get(outRefundNo);
    if (refund === undefined) throw new Error("the journal speaks of a refund that it does not know");
    return refund;
  }
}
