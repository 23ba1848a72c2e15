import { randomBytes } from "node:crypto";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import { Quota } from "../quota.js";
import type { Order } from "../state/pay-state.js";
import { merchantRoute, type PlatformCrypto, payFailure } from "./merchant-route.js";
import { readOrderRequest, type WantedOrder } from "./order-request.js";
import { transactionObject } from "./transaction.js";

/** JSAPI orders: create, query by the merchant's number or the platform's, close. */
export function orderRoutes(context: StandinContext, crypto: PlatformCrypto): Route[] {
  const { orders, queries } = context.rules.payRequestsPerSecond;
  const perSecond = (limit: number): Quota => new Quota(context.clock, limit, 1000);
  const [ordering, querying] = [perSecond(orders), perSecond(queries)];
  const byNumber = "/v3/pay/transactions/out-trade-no/([^/]+)";
  const { state } = context.store;
  return [
    {
      method: "POST",
      path: /^\/v3\/pay\/transactions\/jsapi$/,
      handle: merchantRoute((request) => create(request, context), context, crypto, ordering),
    },
    {
      method: "GET",
      path: new RegExp(`^${byNumber}$`),
      handle: merchantRoute(
        (request, [number = ""]) => query(request, state.orders.get(number), context),
        context,
        crypto,
        querying,
      ),
    },
    {
      method: "GET",
      path: /^\/v3\/pay\/transactions\/id\/([^/]+)$/,
      handle: merchantRoute(
        (request, [id = ""]) => query(request, state.pay.ordersByTransactionId.get(id), context),
        context,
        crypto,
        querying,
      ),
    },
    {
      method: "POST",
      path: new RegExp(`^${byNumber}/close$`),
      handle: merchantRoute((request, [number = ""]) => close(request, number, context), context, crypto),
    },
  ];
}

function create(request: StandinRequest, context: StandinContext): StandinReply {
  const wanted = readOrderRequest(jsonBody(request), context);
  if ("status" in wanted) return wanted;
  const { store, clock } = context;
  const existing = store.state.orders.get(wanted.outTradeNo);
  if (existing !== undefined) return repeated(existing, wanted, context);
  const prepayId = newPrepayId();
  store.commit({ type: "order", ...wanted, prepayId, createdAt: clock.now() });
  return json(200, { prepay_id: prepayId });
}

function newPrepayId(): string {
  return `wx${randomBytes(17).toString("hex")}`;
}

function repeated(existing: Order, wanted: WantedOrder, context: StandinContext): StandinReply {
  for (const field of Object.keys(wanted) as (keyof WantedOrder)[]) {
    if (existing[field] !== wanted[field]) {
      return payFailure(403, "OUT_TRADE_NO_USED", `out_trade_no was used with another ${field}`);
    }
  }
  if (existing.payment !== undefined) return payFailure(400, "ORDERPAID", "the order is paid");
  if (existing.closed) return payFailure(400, "ORDER_CLOSED", "the order is closed");
  const now = context.clock.now();
  if (existing.preparedAt + context.rules.prepayMs <= now) {
    const { outTradeNo } = existing;
    context.store.commit({ type: "prepay", outTradeNo, prepayId: newPrepayId(), at: now });
  }
  return json(200, { prepay_id: existing.prepayId });
}

function query(request: StandinRequest, order: Order | undefined, context: StandinContext): StandinReply {
  if (request.query.get("mchid") !== context.keys.merchantId) {
    return payFailure(400, "PARAM_ERROR", "mchid is not the merchant who signed");
  }
  if (order === undefined) return payFailure(404, "ORDER_NOT_EXIST", "no such order");
  return json(200, transactionObject(order, context.keys));
}

function close(request: StandinRequest, outTradeNo: string, context: StandinContext): StandinReply {
  if (jsonBody(request)?.mchid !== context.keys.merchantId) {
    return payFailure(400, "PARAM_ERROR", "mchid is not the merchant who signed");
  }
  const order = context.store.state.orders.get(outTradeNo);
  if (order === undefined) return payFailure(404, "ORDER_NOT_EXIST", "no such order");
  if (order.payment !== undefined) return payFailure(400, "ORDERPAID", "the order is paid");
  if (!order.closed) context.store.commit({ type: "closed", outTradeNo });
  return { status: 204, body: "" };
}
