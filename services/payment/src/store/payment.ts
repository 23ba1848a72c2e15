import type { Insertable, Selectable } from "kysely";
import type { Payment } from "../domain/payment.js";
import type { PaymentTables } from "../schema.js";
import { fromBilling, toBilling } from "./billing.js";

export function toPayment(row: Selectable<PaymentTables["payment"]>): Payment {
  return {
    orderId: row.order_id,
    userId: row.user_id,
    kind: row.kind,
    status: row.status,
    amount: { amount: row.amount, currency: row.currency },
    charged: row.charged,
    refunded: row.refunded,
    createdAt: Number(row.created_at),
    prepayId: row.prepay_id,
    transactionId: row.transaction_id,
    expiresAt: Number(row.expires_at),
    billing: toBilling(row),
  };
}

/** Without `billed_on`, which only the reconciliation writes. */
export function fromPayment(payment: Payment): Omit<Insertable<PaymentTables["payment"]>, "billed_on"> {
  return {
    order_id: payment.orderId,
    user_id: payment.userId,
    kind: payment.kind,
    status: payment.status,
    amount: payment.amount.amount,
    currency: payment.amount.currency,
    charged: payment.charged,
    refunded: payment.refunded,
    created_at: BigInt(payment.createdAt),
    prepay_id: payment.prepayId,
    transaction_id: payment.transactionId,
    expires_at: BigInt(payment.expiresAt),
    ...fromBilling(payment.billing),
  };
}
