import { create } from "@bufbuild/protobuf";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { InventoryService, type Shortage } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { type CreateOrderRequest, OrderService } from "@sampan/contracts/order/v1/order_pb.js";
import {
  type Call,
  type Clock,
  detail,
  implement,
  type Money,
  type RpcError,
  type Service,
  sortableId,
} from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import { PreconditionFailureSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { OrderErrors } from "./domain/errors.js";
import { type CartLine, checkCancellable, named, type Offer, type Order, priceCart, totalOf } from "./domain/order.js";
import { planRefund, type Refund } from "./domain/refund.js";
import { orderMessage, paymentMethodOf, refundMessage } from "./messages.js";
import type { OrderProcess, OrderStore } from "./order-store.js";

export interface OrderDeps {
  readonly store: OrderStore;
  readonly process: OrderProcess;
  readonly clock: Clock;
  /** How long an order of a tenant waits for its payment, ms; asked for each order, because it may change. */
  readonly paymentWindowMs: (tenant: string) => number;
}

export function orderService({ store, process, clock, paymentWindowMs }: OrderDeps): Service {
  /** The order of one user; somebody else's looks as if it did not exist. */
  const ownOrder = async (orderId: string, call: Call): Promise<Order> => {
    const order = await store.order(orderId);
    if (order === undefined || order.userId !== call.requireUser().subject) {
      throw OrderErrors.UNKNOWN_ORDER({ order: orderId });
    }
    return order;
  };
  const withRefunds = async (orders: readonly Order[]) => {
    const refunds = await store.refunds(orders.map((order) => order.orderId));
    return orders.map((order) =>
      orderMessage(
        order,
        refunds.filter((refund) => refund.orderId === order.orderId),
      ),
    );
  };

  return implement(OrderService, {
    async createOrder(request, call) {
      const userId = call.requireUser().subject;
      const scope = `create-order/${userId}`;
      let orderId = await store.claimed(scope, request.idempotencyKey, request);
      if (orderId === undefined) {
        const order = await draft(request, userId, call, clock, paymentWindowMs(call.tenant));
        orderId = await store.change(call, async (change) => {
          const earlier = await change.claim(scope, request.idempotencyKey, request, order.orderId);
          if (earlier !== undefined) return earlier;
          await change.insert(order);
          await change.startPlacing(order);
          return order.orderId;
        });
      }
      const { payParameters } = await process.placed(orderId, call);
      const order = await ownOrder(orderId, call);
      if (order.status === "failed") throw OrderErrors.ORDER_FAILED({ order: orderId, reason: order.failureReason });
      const [message] = await withRefunds([order]);
      const payable = order.status === "awaiting-payment" && payParameters !== undefined;
      return { orderId, order: message as object, ...(payable ? { payParameters } : {}) };
    },

    async getOrder({ orderId }, call) {
      const [order] = await withRefunds([await ownOrder(orderId, call)]);
      return { order: order as object };
    },

    async listOrders({ pageSize, pageToken }, call) {
      return list(call.requireUser().subject, pageSize, pageToken);
    },

    async cancelOrder({ orderId }, call) {
      checkCancellable(await ownOrder(orderId, call));
      await process.cancel(orderId, call);
      const order = await ownOrder(orderId, call);
      // The payment may have been faster than the wish to cancel.
      checkCancellable(order);
      return { order: orderMessage(order) };
    },

    async refundOrder(request, call) {
      const { subject } = call.requireUser();
      const { orderId } = await ownOrder(request.orderId, call);
      const refundId = await store.change(call, async (change) => {
        const id = sortableId(clock);
        const earlier = await change.claim(`refund-order/${subject}`, request.idempotencyKey, request, id);
        if (earlier !== undefined) return earlier;
        const order = (await change.order(orderId)) as Order;
        const { lines, amount } = planRefund(order, request.lines);
        const { reason } = request;
        const refund: Refund = {
          refundId: id,
          orderId,
          lines,
          amount,
          reason,
          status: "pending",
          createdAt: clock.now(),
        };
        await change.insertRefund(refund);
        await change.countRefunded(orderId, lines, 1n);
        await change.startRefunding(refund);
        return id;
      });
      await process.refunded(refundId, call);
      return { refund: refundMessage((await store.refund(refundId)) as Refund) };
    },

    async listAllOrders({ pageSize, pageToken }) {
      return list(undefined, pageSize, pageToken);
    },
  });

  async function list(userId: string | undefined, pageSize: number, pageToken: string) {
    const size = pageSize === 0 ? 20 : pageSize;
    const page = pageOf(await store.list(userId, size + 1, afterToken(pageToken)), size, (order) => order.orderId);
    return { orders: await withRefunds(page.items), nextPageToken: page.nextPageToken };
  }
}

/** An order at today's prices, for which there is stock at the moment. Nothing is written or reserved yet. */
async function draft(
  request: CreateOrderRequest,
  userId: string,
  call: Call,
  clock: Clock,
  paymentWindowMs: number,
): Promise<Order> {
  const paymentMethod = paymentMethodOf(request.paymentMethod);
  const cart: CartLine[] = request.lines.map(({ productId, quantity, unitPrice }) => ({
    productId,
    quantity,
    seenPrice: unitPrice,
  }));
  const productIds = [...new Set(cart.map((line) => line.productId))];
  const { products } = await call.to(CatalogService).batchGetProducts({ productIds });
  const offers = new Map<string, Offer>(
    products.map(({ productId, title, price }) => [productId, { productId, title, price: price as Money }]),
  );
  const lines = priceCart(cart, offers);
  const { shortages } = await call.to(InventoryService).batchCheckStock({
    lines: cart.map(({ productId, quantity }) => ({ productId, quantity })),
  });
  if (shortages.length > 0) throw outOfStock(shortages);
  const createdAt = clock.now();
  return {
    orderId: sortableId(clock),
    userId,
    status: "pending",
    paymentMethod,
    lines,
    total: totalOf(lines),
    refunded: 0n,
    createdAt,
    // In whole seconds, as platforms keep it: both sides then mean the same moment.
    expiresAt: Math.ceil((createdAt + paymentWindowMs) / 1000) * 1000,
    failureReason: "",
  };
}

function outOfStock(shortages: readonly Shortage[]): RpcError {
  const violations = shortages.map(({ productId, wanted, available }) => ({
    type: "STOCK",
    subject: productId,
    description: `wanted ${wanted}, available ${available}`,
  }));
  return OrderErrors.OUT_OF_STOCK(
    { products: named(shortages.map((shortage) => shortage.productId)) },
    { details: [detail(PreconditionFailureSchema, create(PreconditionFailureSchema, { violations }))] },
  );
}
