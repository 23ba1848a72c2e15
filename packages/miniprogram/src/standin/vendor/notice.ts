import type { HttpAnswer } from "../../http-endpoint.js";
import type { Tamper } from "../pay/callback-message.js";
import type { Order, RefundEntry } from "../state/pay-state.js";

/** One delivery of something that a merchant is told. */
export interface VendorMessage {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What a vendor does differently about payments. */
export interface VendorPay {
  /** Waiting times before the second, third, … delivery, ms. */
  readonly retriesMs: readonly number[];
  /** What of `Tamper` it can do; anything else is refused, because a misspelt test must not pass. */
  readonly tampers: readonly (keyof Tamper)[];
  /** The platform's number of an order that is paid now. */
  transactionId(order: Order): string;
  /** The order that a client's payment call names, or undefined. */
  find(clientParameters: Readonly<Record<string, unknown>>): Order | undefined;
  /** Whether the order has ended unpaid. */
  ended(order: Order): boolean;
  /** A paid order's callback, or one of its refunds', signed anew. */
  message(order: Order, refund: RefundEntry | undefined, tamper: Tamper): Promise<VendorMessage>;
  accepts(answer: HttpAnswer): boolean;
}
