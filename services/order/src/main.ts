import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { broker, isEntry, run, type ServiceModule, service, sql } from "@sampan/app";
import { OrderChangedSchema } from "@sampan/contracts/order/v1/events_pb.js";
import { PaymentSettledSchema } from "@sampan/contracts/payment/v1/events_pb.js";
import type { CallOrigin } from "@sampan/core";
import {
  consume,
  idempotencySchema,
  inboxSchema,
  outbox,
  outboxRelay,
  outboxSchema,
  sagaRunner,
  sagaSchema,
} from "@sampan/data";
import type { Transaction } from "kysely";
import { refundMessage, statusMessage } from "./messages.js";
import { orderProcess } from "./order-process.js";
import { orderService } from "./order-service.js";
import type { OrderChange } from "./order-store.js";
import { paidEvent, placeOrderSaga } from "./place-order.js";
import { refundOrderSaga } from "./refund-order.js";
import { type OrderTables, orderSchema } from "./schema.js";
import { OrderSettings } from "./settings.js";
import { orderChange, orderStore } from "./store.js";

export const order: ServiceModule = service({
  name: "order",
  settings: OrderSettings,
  needs: {
    sql: sql<OrderTables>([orderSchema, idempotencySchema, outboxSchema, inboxSchema, sagaSchema]),
    broker,
  },
  build({ sql, broker, clock, runtime, settings, live, sagaBoundary }) {
    const publishChanged =
      (tx: Transaction<OrderTables>, origin: CallOrigin): OrderChange["publishChanged"] =>
      async (order, refund) => {
        const { orderId, userId, total } = order;
        const event = create(OrderChangedSchema, {
          orderId,
          userId,
          total,
          status: statusMessage(order.status),
          ...(refund === undefined ? {} : { refund: refundMessage(refund) }),
        });
        const id = refund === undefined ? `${orderId}/${order.status}` : `${orderId}/refund/${refund.refundId}`;
        await outbox.add(
          tx,
          { topic: "order", key: orderId, id, payload: toBinary(OrderChangedSchema, event) },
          { origin, runtime },
        );
      };
    const change = (tx: Transaction<OrderTables>, origin: CallOrigin) => ({
      ...orderChange(tx, clock),
      publishChanged: publishChanged(tx, origin),
    });
    const store = orderStore({
      sql,
      clock,
      effects: (tx, call) => ({
        publishChanged: publishChanged(tx, call.origin),
        async startPlacing({ orderId, expiresAt, paymentMethod }) {
          const state = { orderId, expiresAt, payOrder: paymentMethod === "pay-order" };
          await sagas.begin(tx, placeOrder, { id: orderId, state }, call);
        },
        async startRefunding({ refundId }) {
          await sagas.begin(tx, refundOrder, { id: refundId, state: { refundId } }, call);
        },
      }),
    });
    const placeOrder = placeOrderSaga<OrderTables>({ store, change, stepTimeoutMs: settings.stepTimeout, clock });
    const refundOrder = refundOrderSaga<OrderTables>({ store, change, stepTimeoutMs: settings.stepTimeout });
    const sagas = sagaRunner({ sql, runtime, clock, sagas: [placeOrder, refundOrder], onBoundary: sagaBoundary });
    const process = orderProcess(sagas);
    return {
      serves: [orderService({ store, process, clock, paymentWindowMs: (tenant) => live.for(tenant).paymentWindow })],
      runs: [
        outboxRelay({ sql, broker, runtime }),
        sagas,
        consume({
          broker,
          sql,
          runtime,
          topic: "payment",
          group: "order",
          async inTransaction({ id, payload }, tx, call) {
            const { orderId } = fromBinary(PaymentSettledSchema, payload);
            await sagas.signal(tx, { id: orderId, event: paidEvent, signalId: id });
          },
        }),
      ],
    };
  },
});

if (isEntry(import.meta)) await run(order);
