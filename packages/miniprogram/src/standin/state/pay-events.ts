/** What can happen to payments, as `StandinEvent` says. */
export type PayEvent =
  | ({ readonly type: "order" } & OrderTerms)
  /** A new prepay id for an order whose former one is too old. */
  | { readonly type: "prepay"; readonly outTradeNo: string; readonly prepayId: string; readonly at: number }
  | { readonly type: "user-refused"; readonly outTradeNo: string }
  | ({ readonly type: "paid" } & Payment)
  | { readonly type: "closed"; readonly outTradeNo: string }
  | { readonly type: "order-expired"; readonly outTradeNo: string; readonly at: number }
  | ({ readonly type: "refund" } & RefundTerms)
  /** What becomes of the next refund of an order; `PROCESSING`: nothing, until it is settled by hand. */
  | {
      readonly type: "refund-outcome";
      readonly outTradeNo: string;
      readonly outcome: RefundOutcome | "PROCESSING";
    }
  | ({ readonly type: "refund-settled"; readonly outRefundNo: string } & RefundSettlement)
  | ({ readonly type: "delivery" } & Delivery)
  | ({ readonly type: "platform-certificate" } & PlatformCertificate)
  | ({ readonly type: "signing" } & Signing)
  | ({ readonly type: "bill-plant" } & BillPlant)
  | { readonly type: "bill-plants-cleared" };

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

export type RefundOutcome = "SUCCESS" | "ABNORMAL" | "CLOSED";

export interface RefundTerms {
  readonly outRefundNo: string;
  readonly refundId: string;
  readonly outTradeNo: string;
  readonly refund: number;
  readonly total: number;
  readonly currency: string;
  readonly reason: string;
  readonly createdAt: number;
  /** When it is settled by itself, or was; 0: it waits for somebody to settle it. */
  readonly settlesAt: number;
  /** How it is settled by itself. Default SUCCESS. */
  readonly outcome?: RefundOutcome;
  /** Absent: nobody is called back. */
  readonly notifyUrl?: string;
  readonly notificationId?: string;
}

/** How a refund ended, and when. */
export interface RefundSettlement {
  readonly outcome: RefundOutcome;
  readonly at: number;
}

/** One planned delivery of a callback: of the order's payment, or of one of its refunds. */
export interface Delivery {
  readonly outTradeNo: string;
  readonly outRefundNo?: string;
  readonly at: number;
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
  /** When the next one is due; 0 when there is none: it was accepted, or the schedule is used up. */
  readonly nextAt: number;
}

/** A certificate of the platform with its key: development only. */
export interface PlatformCertificate {
  readonly serial: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly effectiveAt: number;
  readonly expiresAt: number;
}

/** What the platform signs with while a merchant moves from certificates to the public key. */
export interface Signing {
  /** `asked`: what the request's `Wechatpay-Serial` names, else the public key. */
  readonly answers: "asked" | "public-key" | "certificate";
  /** `alternate`: one with the public key, the next with the certificate. */
  readonly callbacks: "public-key" | "certificate" | "alternate";
  /** Whether `/v3/certificates` has any: new merchants get none. */
  readonly certificates: boolean;
}

/** A difference between what happened and what the bill says, for tests of reconciliation. */
export type BillPlant =
  | { readonly plant: "missing"; readonly outTradeNo: string; readonly outRefundNo?: string }
  | { readonly plant: "amount"; readonly outTradeNo: string; readonly outRefundNo?: string; readonly amount: number }
  | ({ readonly plant: "additional" } & AdditionalLine);

export interface AdditionalLine {
  readonly date: string;
  readonly outTradeNo: string;
  /** With it the line is a refund's. */
  readonly outRefundNo?: string;
  readonly amount: number;
}
