import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { type Call, type CallOrigin, type Clock, CoreErrors, RpcError } from "@sampan/core";
import { defineSaga, type Saga, type SqlTransaction, step, waitFor } from "@sampan/data";
import { OrderErrors } from "./domain/errors.js";
import type { Order, OrderStatus } from "./domain/order.js";
import type { OrderChange, OrderStore, PayParameters } from "./order-store.js";

export interface PlaceOrderState {
  readonly orderId: string;
  readonly expiresAt: number;
  readonly payOrder: boolean;
  readonly payParameters?: PayParameters;
}

export interface PlaceOrderDeps<DB> {
  readonly store: Pick<OrderStore, "order">;
  readonly change: (
    tx: SqlTransaction<DB>,
    origin: CallOrigin,
  ) => Pick<OrderChange, "order" | "setStatus" | "publishChanged">;
  readonly stepTimeoutMs: number;
  readonly clock: Clock;
}

/** Events that the payment step waits for. */
export const paidEvent = "paid";
export const cancelEvent = "cancel";

/**
 * How long the inventory keeps a reservation beyond the order's own expiry: the order releases it itself, and a
 * payment in the last second must still find its stock.
 */
const reservationGraceMs = 10 * 60 * 1000;

/**
 * Reserves, takes the payment (at once from the wallet, or by waiting for the platform's callback), confirms. Turning
 * back releases the stock and voids the payment, which gives back whatever was or will be taken.
 */
export function placeOrderSaga<DB>({
  store,
  change,
  stepTimeoutMs,
  clock,
}: PlaceOrderDeps<DB>): Saga<PlaceOrderState, DB> {
  const load = async (orderId: string): Promise<Order> => (await store.order(orderId)) as Order;
  const end = async (
    { orderId }: PlaceOrderState,
    status: OrderStatus,
    reason: string,
    changes: ReturnType<PlaceOrderDeps<DB>["change"]>,
  ): Promise<void> => {
    await changes.setStatus(orderId, status, reason);
    await changes.publishChanged((await changes.order(orderId)) as Order);
  };
  const reserve = async ({ orderId, expiresAt }: PlaceOrderState, call: Call): Promise<void> => {
    const { lines } = await load(orderId);
    await call.to(InventoryService).reserve({
      reservationId: orderId,
      lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
      expiresAt: timestampFromMs(expiresAt + reservationGraceMs),
    });
  };
  const timeoutMs = stepTimeoutMs;
  return defineSaga<PlaceOrderState, DB>({
    name: "place-order",
    steps: [
      step("reserve", {
        timeoutMs,
        run: reserve,
        async compensate({ orderId }, call) {
          await call.to(InventoryService).release({ reservationId: orderId });
        },
      }),
      step("charge", {
        when: (state) => !state.payOrder,
        timeoutMs,
        async run({ orderId }, call) {
          const { userId, total } = await load(orderId);
          await call.to(PaymentService).charge({ orderId, userId, amount: total });
        },
        async compensate({ orderId }, call) {
          await call.to(PaymentService).voidPayment({ orderId, reason: "the order was not completed" });
        },
      }),
      step("pay-order", {
        when: (state) => state.payOrder,
        timeoutMs,
        async run(state, call) {
          const { orderId } = state;
          const { userId, total, lines, expiresAt } = await load(orderId);
          // After a long stop. A platform refuses such an order as malformed, which would look like a failure of ours.
          if (clock.now() >= expiresAt) throw OrderErrors.EXPIRED({ order: orderId });
          const prepared = await call.to(PaymentService).createPayOrder({
            orderId,
            userId,
            amount: total,
            description: describe(lines),
            expiresAt: timestampFromMs(expiresAt),
          });
          const { appId, timeStamp, nonceStr, package: prepay, signType, paySign, clientParameters } = prepared;
          const wechat = { appId, timeStamp, nonceStr, package: prepay, signType, paySign };
          const payParameters = { ...wechat, clientParameters };
          return {
            state: { ...state, payParameters },
            commit: (tx) => change(tx, call.origin).setStatus(orderId, "awaiting-payment"),
          };
        },
        async compensate({ orderId }, call) {
          await call.to(PaymentService).voidPayment({ orderId, reason: "the order was not completed" });
        },
      }),
      waitFor("payment", {
        when: (state) => state.payOrder,
        until: (state) => state.expiresAt,
        on: {
          [paidEvent]: () => ({ next: "continue" }),
          [cancelEvent]: ({ orderId }) => ({ next: "fail", error: OrderErrors.CANCELLED({ order: orderId }) }),
        },
        onTimeout: ({ orderId }) => ({ next: "fail", error: OrderErrors.EXPIRED({ order: orderId }) }),
      }),
      step("confirm", {
        timeoutMs,
        async run(state, call) {
          const inventory = call.to(InventoryService);
          const confirm = () => inventory.confirm({ reservationId: state.orderId });
          try {
            await confirm();
          } catch (error) {
            if (!isNotReserved(error)) throw error;
            // A traffic rule may have put the reservation off while the inventory was away. Whichever comes first counts.
            await reserve(state, call);
            await confirm().catch((again: unknown) => {
              throw isNotReserved(again) ? CoreErrors.UNAVAILABLE({ service: InventoryService.typeName, why }) : again;
            });
          }
        },
      }),
    ],
    onCompleted: (state, tx, origin) => end(state, "confirmed", "", change(tx, origin)),
    async onCompensated(state, tx, failure, origin) {
      const error = RpcError.from(failure);
      const status = OrderErrors.CANCELLED.is(error)
        ? "cancelled"
        : OrderErrors.EXPIRED.is(error)
          ? "expired"
          : "failed";
      const reason = status === "failed" ? error.reason || "INTERNAL" : "";
      await end(state, status, reason, change(tx, origin));
    },
  });
}

const why = "the reservation has not come there yet";

function isNotReserved(error: unknown): boolean {
  return RpcError.from(error).reason === "UNKNOWN_RESERVATION";
}

/** What the payer reads; platforms allow 127 characters. */
function describe(lines: Order["lines"]): string {
  const [first] = lines;
  const rest = lines.length > 1 ? ` 等${lines.length}件` : "";
  // Characters, not UTF-16 units: half of a pair is not text that could be sent.
  const title = [...(first?.title ?? "")].slice(0, 100).join("");
  return `${title}${rest}`;
}
