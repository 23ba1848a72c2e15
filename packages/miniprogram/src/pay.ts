import type { Call, Money } from "@sampan/core";

/**
 * Payments through the platform. Amounts are `bigint` in the smallest unit of their currency (fen), as `Money` of core,
 * which every order, refund and notification here extends. Unless it says otherwise a method may be repeated with the
 * same arguments: orders are known by `outTradeNo`, refunds by `outRefundNo`.
 */
export interface PayProvider {
  /**
   * Creates an order, or gives the same answer again for the same `outTradeNo` and content.
   *
   * Errors: `PAY_ORDER_CONFLICT` (number used with other content), `PAY_ORDER_PAID`, `PAY_ORDER_CLOSED`,
   * `PAY_REQUEST_INVALID`, `AMOUNT_UNSUPPORTED`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  createOrder(order: PayOrder, call: Call): Promise<{ readonly prepayId: string }>;
  /** What the client passes to its payment call (`wx.requestPayment`), signed. Nothing is sent. */
  clientParameters(prepayId: string): Promise<ClientParameters>;
  /** Errors: `PAY_NOT_FOUND`, `PLATFORM_*`. */
  query(outTradeNo: string, call: Call): Promise<PayTransaction>;
  /** Closes an unpaid order; closing a closed one succeeds. Errors: `PAY_ORDER_PAID`, `PAY_NOT_FOUND`, `PLATFORM_*`. */
  close(outTradeNo: string, call: Call): Promise<void>;
  /**
   * Starts a refund, or gives its state for the same `outRefundNo` and content; `processing` is a success, to be asked
   * for again with `queryRefund`. Errors: `REFUND_REJECTED`, `PAY_NOT_FOUND`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  refund(refund: RefundOrder, call: Call): Promise<Refund>;
  /** Errors: `PAY_NOT_FOUND`, `PLATFORM_*`. */
  queryRefund(outRefundNo: string, call: Call): Promise<Refund>;
  /**
   * Checks and opens the platform's callback. Stateless: a repeated delivery verifies again and has the same
   * `notificationId`, so the caller drops duplicates, and compares order, amount and currency with its own books.
   *
   * Errors, one for each check, in this order: `CALLBACK_INCOMPLETE`, `CALLBACK_STALE`, `CALLBACK_UNKNOWN_SERIAL`,
   * `CALLBACK_BAD_SIGNATURE`, `CALLBACK_UNREADABLE`, `CALLBACK_UNSUPPORTED`, `CALLBACK_WRONG_MERCHANT`.
   */
  verifyCallback(callback: Callback): Promise<PayNotification>;
}

export interface PayOrder extends Money {
  /** The merchant's number: 6 to 32 of `0-9 a-z A-Z _ - | *`, unique for the merchant. */
  readonly outTradeNo: string;
  /** Shown to the user; 1 to 127 characters. */
  readonly description: string;
  readonly payerOpenid: string;
  /** https, no query; where the signed callback goes. */
  readonly notifyUrl: string;
  /** Milliseconds since the epoch; the user cannot pay later. Platforms keep whole seconds, so it is rounded down. */
  readonly expiresAt: number;
}

/** Named as `wx.requestPayment` wants them; an answer to the client is this object as it is. */
export interface ClientParameters {
  readonly appId: string;
  /** Seconds since the epoch, as text. */
  readonly timeStamp: string;
  readonly nonceStr: string;
  /** `prepay_id=…` */
  readonly package: string;
  readonly signType: "RSA";
  readonly paySign: string;
}

/** `refunded`: paid, and at least one refund was made, maybe of a part. */
export type PayState = "unpaid" | "paying" | "paid" | "refunded" | "closed" | "failed";

export interface PayTransaction extends Money {
  readonly outTradeNo: string;
  readonly state: PayState;
  /** The platform's number, once paid. */
  readonly transactionId?: string;
  readonly payerOpenid?: string;
  /** Milliseconds since the epoch, once paid. */
  readonly paidAt?: number;
}

/** `amount` is what to give back. */
export interface RefundOrder extends Money {
  readonly outTradeNo: string;
  /** The merchant's number: 1 to 64 of `0-9 a-z A-Z _ - | * @`, unique for the merchant. */
  readonly outRefundNo: string;
  /** What the order was paid with; the platform compares. */
  readonly total: bigint;
  /** Shown to the user; up to 80 bytes. */
  readonly reason?: string;
}

export type RefundState = "processing" | "succeeded" | "closed" | "abnormal";

export interface Refund extends Money {
  readonly outTradeNo: string;
  readonly outRefundNo: string;
  readonly refundId: string;
  readonly state: RefundState;
  /** Milliseconds since the epoch. */
  readonly succeededAt?: number;
}

export interface Callback {
  /** Any letter case. A header that came twice is refused. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as they arrived: the signature is over these. */
  readonly rawBody: Uint8Array;
}

/** A verified callback. `amount` is the order's total, which the caller must compare with what it asked for. */
export interface PayNotification extends PayTransaction {
  readonly kind: "payment";
  /** The same for every delivery of this event. */
  readonly notificationId: string;
  readonly transactionId: string;
}
