import type { Call, Money } from "@sampan/core";
import type { BillLine, BillRequest } from "./bill.js";

/**
 * Payments through the platform. Amounts are `bigint` in the smallest unit of their currency (fen), as `Money` of core,
 * which every order, refund and notification here extends. Unless it says otherwise a method may be repeated with the
 * same arguments: orders are known by `outTradeNo`, refunds by `outRefundNo`.
 *
 * Vendors differ in what they offer (`docs/design/0021-providers.md`): a method whose flag in `capabilities` is false
 * rejects with `NOT_OFFERED` and sends nothing.
 */
export interface PayProvider {
  readonly capabilities: PayCapabilities;
  /**
   * Creates an order, or gives the same answer again for the same `outTradeNo` and content.
   *
   * Errors: `PAY_ORDER_CONFLICT` (number used with other content), `PAY_ORDER_PAID`, `PAY_ORDER_CLOSED`,
   * `PAY_REQUEST_INVALID`, `AMOUNT_UNSUPPORTED`, `CURRENCY_UNSUPPORTED`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  createOrder(order: PayOrder, call: Call): Promise<{ readonly prepayId: string }>;
  /**
   * What the client passes to its payment call (`wx.requestPayment`, `my.tradePay`, `tt.pay`), signed where the vendor
   * wants it. Nothing is sent.
   */
  clientParameters(prepayId: string): Promise<ClientParameters>;
  /** Errors: `PAY_NOT_FOUND`, `PLATFORM_*`. */
  query(outTradeNo: string, call: Call): Promise<PayTransaction>;
  /** The same by the platform's number, which only a paid order has. Errors: `PAY_NOT_FOUND`, `PLATFORM_*`. */
  queryTransaction(transactionId: string, call: Call): Promise<PayTransaction>;
  /**
   * Closes an unpaid order; closing a closed one succeeds. Errors: `PAY_ORDER_PAID`, `PAY_NOT_FOUND`, `PLATFORM_*`.
   *
   * A vendor without closing (`capabilities.close`) says `NOT_OFFERED` while the order can still be paid: it ends by itself
   * at its `expiresAt`, and what is paid until then is to be refunded.
   */
  close(outTradeNo: string, call: Call): Promise<void>;
  /**
   * Starts a refund, or gives its state for the same `outRefundNo` and content; `processing` is a success, to be asked
   * for again with `queryRefund`. Errors: `REFUND_REJECTED`, `PAY_NOT_FOUND`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  refund(refund: RefundOrder, call: Call): Promise<Refund>;
  /** Errors: `PAY_NOT_FOUND`, `PLATFORM_*`. */
  queryRefund(refund: RefundKey, call: Call): Promise<Refund>;
  /**
   * Checks and opens the platform's callback, of a payment or of a refund (`kind`).
   *
   * The platform delivers an event again until it is answered well, each time signed anew under the same
   * `notificationId`: the caller drops those that it has seen, and compares order, amount and currency with its own
   * books. The same bytes and headers a second time are no delivery but a replay, and refused: wherever processes share
   * a `KeyValue`, by all of them. So a delivery whose work failed is answered with an error and comes back by itself.
   * (Replays are refused where each delivery is signed anew, which is not known of every vendor: see the design note.)
   *
   * Errors, one for each check, in this order: `CALLBACK_INCOMPLETE`, `CALLBACK_STALE`, `CALLBACK_UNKNOWN_SERIAL`,
   * `CALLBACK_BAD_SIGNATURE`, `CALLBACK_UNREADABLE`, `CALLBACK_UNSUPPORTED`, `CALLBACK_WRONG_MERCHANT`,
   * `CALLBACK_REPLAYED`.
   */
  verifyCallback(callback: Callback): Promise<PayNotification | RefundNotification>;
  /** What to answer, with status 200, a callback whose work is done. */
  readonly callbackAnswer: CallbackAnswer;
  /**
   * The lines of a day's bill while it is downloaded, so that a large one never sits in memory. Only when the iteration
   * ends without an error were the bill's hash and its totals right: until then a line is a rumour.
   *
   * Nothing is sent before the first line is asked for. To be repeated from the start after any error. Errors:
   * `BILL_REQUEST_INVALID`, `BILL_NOT_READY` (retryable: bills are made in the morning of the next day),
   * `BILL_NOT_FOUND` (nothing was paid or refunded on that day), `BILL_INVALID`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  downloadBill(bill: BillRequest, call: Call): AsyncIterable<BillLine>;
}

/** What a vendor's payments can do. */
export interface PayCapabilities {
  /** `close` ends an unpaid order at once. */
  readonly close: boolean;
  /** `queryTransaction`. */
  readonly queryTransaction: boolean;
  /** `downloadBill`. */
  readonly downloadBill: boolean;
  /** Callbacks tell of refunds too. */
  readonly refundCallback: boolean;
}

/** What the vendor reads as "received" in the answer to a callback. Any other answer brings the callback again. */
export interface CallbackAnswer {
  readonly contentType: string;
  readonly body: string;
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

/**
 * Named as the vendor's payment call wants them; an answer to the client is this object as it is. WeChat: `appId`,
 * `timeStamp`, `nonceStr`, `package`, `signType`, `paySign`. Alipay: `tradeNO`. Douyin: `order_id`, `order_token`.
 */
export type ClientParameters = Readonly<Record<string, string>>;

/** `refunded`: paid, and at least one refund was made, maybe of a part. (Alipay says `paid` until all is given back.) */
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
  /** https, no query; where the signed callback goes when the refund has succeeded or failed. Default: none is sent. */
  readonly notifyUrl?: string;
}

/** A refund's two numbers: some vendors know `outRefundNo` only within its order. */
export interface RefundKey {
  readonly outTradeNo: string;
  readonly outRefundNo: string;
}

export type RefundState = "processing" | "succeeded" | "closed" | "abnormal";

export interface Refund extends Money {
  readonly outTradeNo: string;
  readonly outRefundNo: string;
  /** The platform's number; of a platform that gives refunds none, `outRefundNo` again. */
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

/** A verified callback: the refund has left `processing`. `amount` is what was given back. */
export interface RefundNotification extends Refund {
  readonly kind: "refund";
  /** The same for every delivery of this event. */
  readonly notificationId: string;
  readonly transactionId: string;
}
