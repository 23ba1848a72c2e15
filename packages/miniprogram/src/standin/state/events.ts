/**
 * Everything that can happen to a stand-in, as it is written to its journal, one JSON line each. The state is a fold
 * over these and nothing else, so a restart is the same fold again. Times are ms since the epoch; amounts are JSON
 * integers in the smallest unit, as on the platform's wire.
 */
export type StandinEvent =
  | { readonly type: "user"; readonly openid: string; readonly unionId: string }
  | { readonly type: "blocked"; readonly openid: string; readonly blocked: boolean }
  | ({ readonly type: "login-code" } & IssuedCode)
  | { readonly type: "login"; readonly code: string; readonly openid: string; readonly sessionKey: string }
  | { readonly type: "token"; readonly token: string; readonly expiresAt: number }
  | { readonly type: "tokens-limited"; readonly expiresAt: number }
  | { readonly type: "template"; readonly templateId: string; readonly keywords: readonly string[] }
  | { readonly type: "grant"; readonly openid: string; readonly templateId: string; readonly count: number }
  | ({ readonly type: "message" } & SentMessage)
  | ({ readonly type: "order" } & OrderTerms)
  | { readonly type: "user-refused"; readonly outTradeNo: string }
  | ({ readonly type: "paid" } & Payment)
  | { readonly type: "closed"; readonly outTradeNo: string }
  | ({ readonly type: "refund" } & RefundTerms)
  | ({ readonly type: "delivery" } & Delivery);

export interface IssuedCode {
  readonly code: string;
  readonly openid: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface SentMessage {
  readonly openid: string;
  readonly templateId: string;
  readonly data: Readonly<Record<string, string>>;
  readonly page: string;
  readonly at: number;
}

/** What an order was created with. */
export interface OrderTerms {
  readonly outTradeNo: string;
  readonly prepayId: string;
  readonly description: string;
  readonly attach: string;
  readonly notifyUrl: string;
  readonly total: number;
  readonly currency: string;
  readonly openid: string;
  /** 0: the platform's default. */
  readonly expiresAt: number;
  readonly createdAt: number;
}

export interface Payment {
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly notificationId: string;
  readonly paidAt: number;
}

export interface RefundTerms {
  readonly outRefundNo: string;
  readonly refundId: string;
  readonly outTradeNo: string;
  readonly refund: number;
  readonly total: number;
  readonly currency: string;
  readonly reason: string;
  readonly createdAt: number;
  /** When it succeeds, or has succeeded. */
  readonly settlesAt: number;
}

/** One planned delivery of a callback. */
export interface Delivery {
  readonly outTradeNo: string;
  readonly at: number;
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
  /** When the next one is due; 0 when there is none: it was accepted, or the schedule is used up. */
  readonly nextAt: number;
}
