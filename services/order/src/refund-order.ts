import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import type { CallOrigin } from "@sampan/core";
import { defineSaga, type Saga, type SqlTransaction, step } from "@sampan/data";
import type { Order } from "./domain/order.js";
import type { Refund } from "./domain/refund.js";
import type { OrderChange, OrderStore } from "./order-store.js";

export interface RefundOrderState {
  readonly refundId: string;
}

export interface RefundOrderDeps<DB> {
  readonly store: Pick<OrderStore, "refund">;
  readonly change: (
    tx: SqlTransaction<DB>,
    origin: CallOrigin,
  ) => Pick<
    OrderChange,
    "order" | "refund" | "setStatus" | "setRefundStatus" | "addRefunded" | "countRefunded" | "publishChanged"
  >;
  readonly stepTimeoutMs: number;
}

/**
 * Gives the money back, then puts the pieces back on the shelf. Once the money is back there is no turning around: the
 * rest is tried until it works. A refund that the platform refuses frees the pieces to be refunded again.
 */
export function refundOrderSaga<DB>({ store, change, stepTimeoutMs }: RefundOrderDeps<DB>): Saga<RefundOrderState, DB> {
  const load = async (refundId: string): Promise<Refund> => (await store.refund(refundId)) as Refund;
  return defineSaga<RefundOrderState, DB>({
    name: "refund-order",
    steps: [
      step("refund", {
        pivot: true,
        timeoutMs: stepTimeoutMs,
        // Without an answer the money may be on its way: only a refusal turns back, and everything else is asked again.
        retry: { attempts: Number.POSITIVE_INFINITY },
        async run({ refundId }, call) {
          const { orderId, amount, reason } = await load(refundId);
          await call.to(PaymentService).refund({ refundId, orderId, amount, reason });
        },
      }),
      step("restock", {
        timeoutMs: stepTimeoutMs,
        async run({ refundId }, call) {
          const { orderId, lines } = await load(refundId);
          await call.to(InventoryService).restock({
            restockId: refundId,
            reservationId: orderId,
            lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
          });
        },
      }),
    ],
    async onCompleted({ refundId }, tx, origin) {
      const changes = change(tx, origin);
      const refund = (await changes.refund(refundId)) as Refund;
      await changes.setRefundStatus(refundId, "done");
      await changes.addRefunded(refund.orderId, refund.amount.amount);
      const order = (await changes.order(refund.orderId)) as Order;
      const everything = order.refunded === order.total.amount;
      if (everything) await changes.setStatus(order.orderId, "refunded");
      await changes.publishChanged(everything ? { ...order, status: "refunded" } : order, {
        ...refund,
        status: "done",
      });
    },
    async onCompensated({ refundId }, tx, _, origin) {
      const changes = change(tx, origin);
      const refund = (await changes.refund(refundId)) as Refund;
      await changes.setRefundStatus(refundId, "failed");
      await changes.countRefunded(refund.orderId, refund.lines, -1n);
    },
  });
}
