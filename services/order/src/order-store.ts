import type { Call } from "@sampan/core";
import type { Order, OrderStatus } from "./domain/order.js";
import type { Refund, RefundedLine, RefundStatus } from "./domain/refund.js";

/** What one transaction may read and write. */
export interface OrderChange {
  order(orderId: string): Promise<Order | undefined>;
  insert(order: Order): Promise<void>;
  setStatus(orderId: string, status: OrderStatus, failureReason?: string): Promise<void>;
  refund(refundId: string): Promise<Refund | undefined>;
  insertRefund(refund: Refund): Promise<void>;
  setRefundStatus(refundId: string, status: RefundStatus): Promise<void>;
  /** Counts pieces as refunded (`times` 1), or takes that back (-1). */
  countRefunded(orderId: string, lines: readonly RefundedLine[], times: 1n | -1n): Promise<void>;
  addRefunded(orderId: string, amount: bigint): Promise<void>;
  /**
   * Remembers what a key was used for. Undefined when the key is new; the value of its first use otherwise.
   * Throws `IDEMPOTENCY_KEY_REUSED` when it was used for another request.
   */
  claim(scope: string, key: string, request: unknown, value: string): Promise<string | undefined>;
  /** Tells the other services, after the commit, what became of the order, or of a refund of it. */
  publishChanged(order: Order, refund?: Refund): Promise<void>;
  startPlacing(order: Order): Promise<void>;
  startRefunding(refund: Refund): Promise<void>;
}

export interface OrderStore {
  change<T>(call: Call, work: (change: OrderChange) => Promise<T>): Promise<T>;
  order(orderId: string): Promise<Order | undefined>;
  refund(refundId: string): Promise<Refund | undefined>;
  refunds(orderIds: readonly string[]): Promise<Refund[]>;
  /** The value of a key's first use. Throws `IDEMPOTENCY_KEY_REUSED` when it was used for another request. */
  claimed(scope: string, key: string, request: unknown): Promise<string | undefined>;
  /** Of one user, or of all. */
  list(userId: string | undefined, limit: number, after: string | undefined): Promise<Order[]>;
}

/** What the client needs to pay: all of it in `clientParameters`, and what is WeChat's in the other fields too. */
export interface PayParameters {
  readonly appId: string;
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: string;
  readonly paySign: string;
  /** Not there in what was written down before other platforms were known. */
  readonly clientParameters?: Readonly<Record<string, string>>;
}

/** The durable work behind an order, as the use cases see it. */
export interface OrderProcess {
  /** Resolves when the order waits for its payment or is settled; rejects when the call ends first. */
  placed(orderId: string, call: Call): Promise<{ readonly payParameters?: PayParameters }>;
  /** Asks to cancel; resolves when the order is settled. */
  cancel(orderId: string, call: Call): Promise<void>;
  /** Resolves when the refund is settled. */
  refunded(refundId: string, call: Call): Promise<void>;
}
