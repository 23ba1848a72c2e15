import type { Call } from "@sampan/core";
import type { SagaRunner } from "@sampan/data";
import { OrderErrors } from "./domain/errors.js";
import type { OrderProcess } from "./order-store.js";
import { cancelEvent, type PlaceOrderState } from "./place-order.js";

/** The sagas behind orders. A refund's saga has the refund's id, a placement the order's. */
export function orderProcess<DB>(sagas: SagaRunner<DB>): OrderProcess {
  const untilEnded = (id: string, call: Call) => sagas.reached(id, call, ({ status }) => ended.has(status));
  return {
    async placed(orderId: string, call: Call) {
      const { state } = await sagas.reached(orderId, call);
      const { payParameters } = state as PlaceOrderState;
      return payParameters === undefined ? {} : { payParameters };
    },
    async cancel(orderId, call) {
      await sagas.signal(undefined, { id: orderId, event: cancelEvent, signalId: `${orderId}/cancel` });
      await untilEnded(orderId, call);
    },
    async refunded(refundId, call) {
      const { status } = await untilEnded(refundId, call);
      if (status === "compensated") throw OrderErrors.REFUND_REFUSED({ refund: refundId });
    },
  };
}

const ended: ReadonlySet<string> = new Set(["completed", "compensated", "stuck"]);
