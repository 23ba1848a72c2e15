import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { OrderStatus, PaymentMethod, RefundStatus } from "@sampan/contracts/order/v1/order_pb.js";
import { CoreErrors, detail } from "@sampan/core";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import type { Order, OrderStatus as Status } from "./domain/order.js";
import type { Refund, RefundStatus as StatusOfRefund } from "./domain/refund.js";

const statuses: Readonly<Record<Status, OrderStatus>> = {
  pending: OrderStatus.PENDING,
  "awaiting-payment": OrderStatus.AWAITING_PAYMENT,
  confirmed: OrderStatus.CONFIRMED,
  cancelled: OrderStatus.CANCELLED,
  expired: OrderStatus.EXPIRED,
  failed: OrderStatus.FAILED,
  refunded: OrderStatus.REFUNDED,
};
const methods = { wallet: PaymentMethod.WALLET, "pay-order": PaymentMethod.PAY_ORDER } as const;
const refundStatuses: Readonly<Record<StatusOfRefund, RefundStatus>> = {
  pending: RefundStatus.PENDING,
  done: RefundStatus.DONE,
  failed: RefundStatus.FAILED,
};

export function statusMessage(status: Status): OrderStatus {
  return statuses[status];
}

/** An enum of a contract is open: a number that it does not name arrives as it is. Throws `INVALID_REQUEST` for one. */
export function paymentMethodOf(method: PaymentMethod): Order["paymentMethod"] {
  for (const name of ["wallet", "pay-order"] as const) if (methods[name] === method) return name;
  const violation = { field: "paymentMethod", reason: "UNKNOWN", description: "is not a payment method" };
  const badRequest = create(BadRequestSchema, { fieldViolations: [violation] });
  throw CoreErrors.INVALID_REQUEST(
    { violations: `${violation.field} ${violation.description}` },
    { details: [detail(BadRequestSchema, badRequest)] },
  );
}

export function orderMessage(order: Order, refunds: readonly Refund[] = []) {
  const { orderId, userId, total, failureReason } = order;
  return {
    orderId,
    userId,
    total,
    failureReason,
    status: statuses[order.status],
    paymentMethod: methods[order.paymentMethod],
    lines: order.lines.map(({ productId, title, quantity, unitPrice, refundedQuantity }) => ({
      productId,
      title,
      quantity,
      unitPrice,
      refundedQuantity,
    })),
    refunded: { amount: order.refunded, currency: total.currency },
    createdAt: timestampFromMs(order.createdAt),
    expiresAt: timestampFromMs(order.expiresAt),
    refunds: refunds.map(refundMessage),
  };
}

export function refundMessage(refund: Refund) {
  const { refundId, amount, reason } = refund;
  return {
    refundId,
    amount,
    reason,
    status: refundStatuses[refund.status],
    createdAt: timestampFromMs(refund.createdAt),
  };
}
