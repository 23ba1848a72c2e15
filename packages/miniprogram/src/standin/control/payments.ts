import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Callbacks } from "../pay/callbacks.js";
import type { Checkout } from "../pay/checkout.js";
import { paymentNotice } from "../pay/notices.js";
import { tradeState } from "../pay/transaction.js";
import { type Order, type RefundEntry, settlementOf } from "../state/pay-state.js";
import { wrong } from "./control-reply.js";
import { readTamper } from "./read-tamper.js";

/** What users do with pay orders, and what the platform tells about them. */
export function paymentRoutes(context: StandinContext, checkout: Checkout, callbacks: Callbacks): Route[] {
  return [
    { method: "POST", path: /^\/_control\/pay$/, handle: (request) => pay(request, context, checkout) },
    { method: "POST", path: /^\/_control\/refuse$/, handle: (request) => refuse(request, context, checkout) },
    { method: "GET", path: /^\/_control\/orders$/, handle: (request) => list(request, context) },
    {
      method: "GET",
      path: /^\/_control\/orders\/([^/]+)$/,
      handle: (_, [outTradeNo = ""]) => {
        const order = context.store.state.orders.get(outTradeNo);
        return order === undefined ? json(404, { error: "no such order" }) : json(200, orderView(order, context));
      },
    },
    {
      method: "POST",
      path: /^\/_control\/orders\/([^/]+)\/expire$/,
      handle: (_, [outTradeNo = ""]) => expire(outTradeNo, context),
    },
    {
      method: "POST",
      path: /^\/_control\/orders\/([^/]+)\/callback$/,
      handle: (request, [outTradeNo = ""]) => resend(request, outTradeNo, context, callbacks),
    },
  ];
}

async function pay(request: StandinRequest, context: StandinContext, checkout: Checkout): Promise<StandinReply> {
  const body = jsonBody(request);
  const tamper = readTamper(body);
  if (tamper === undefined) return wrong("tamper has an unknown field or value");
  const order = await checkout.find(body);
  if ("refused" in order) return json(order.refused === "NO_SUCH_ORDER" ? 404 : 409, { error: order.refused });
  const delivery = await checkout.pay(order, tamper);
  if ("refused" in delivery) return json(409, { error: delivery.refused });
  return json(200, orderView(order, context));
}

async function refuse(request: StandinRequest, context: StandinContext, checkout: Checkout): Promise<StandinReply> {
  const order = await checkout.find(jsonBody(request));
  if ("refused" in order) return json(order.refused === "NO_SUCH_ORDER" ? 404 : 409, { error: order.refused });
  checkout.refuse(order);
  return json(200, orderView(order, context));
}

async function resend(
  request: StandinRequest,
  outTradeNo: string,
  context: StandinContext,
  callbacks: Callbacks,
): Promise<StandinReply> {
  const tamper = readTamper(jsonBody(request));
  if (tamper === undefined) return wrong("tamper has an unknown field or value");
  const order = context.store.state.orders.get(outTradeNo);
  if (order === undefined) return json(404, { error: "no such order" });
  const notice = paymentNotice(order, context);
  if (notice === undefined) return json(409, { error: "the order is not paid" });
  return json(200, { callbackStatus: await callbacks.resend(notice, tamper) });
}

/** The user's time to pay is over, whatever the merchant said. */
function expire(outTradeNo: string, context: StandinContext): StandinReply {
  const order = context.store.state.orders.get(outTradeNo);
  if (order === undefined) return json(404, { error: "no such order" });
  if (order.payment !== undefined) return json(409, { error: "the order is paid" });
  context.store.commit({ type: "order-expired", outTradeNo, at: context.clock.now() });
  return json(200, orderView(order, context));
}

const longestList = 1000;

function list(request: StandinRequest, context: StandinContext): StandinReply {
  const state = request.query.get("state");
  const found: unknown[] = [];
  for (const order of context.store.state.orders.values()) {
    if (state !== null && tradeState(order) !== state) continue;
    found.push(orderView(order, context));
    if (found.length === longestList) break;
  }
  return json(200, { orders: found });
}

/** An order as control requests see it. */
function orderView(order: Order, context: StandinContext): Record<string, unknown> {
  const last = order.deliveries.at(-1);
  return {
    outTradeNo: order.outTradeNo,
    prepayId: order.prepayId,
    state: tradeState(order),
    description: order.description,
    amount: order.total,
    currency: order.currency,
    openid: order.openid,
    expiresAt: order.expiredAt ?? order.expiresAt,
    refusals: order.refusals,
    transactionId: order.payment?.transactionId ?? "",
    notificationId: order.payment?.notificationId ?? "",
    // Of the last planned delivery: 0 when nobody answered.
    callbackStatus: last?.status ?? 0,
    nextCallbackAt: last?.nextAt ?? 0,
    callbacks: order.deliveries.map(({ at, status }) => ({ at, status })),
    refunds: order.refunds.map((refund) => refundView(refund, context)),
  };
}

export function refundView(refund: RefundEntry, context: StandinContext): Record<string, unknown> {
  const last = refund.deliveries.at(-1);
  return {
    outRefundNo: refund.outRefundNo,
    refundId: refund.refundId,
    amount: refund.refund,
    createdAt: refund.createdAt,
    state: settlementOf(refund, context.clock.now())?.outcome ?? "PROCESSING",
    notificationId: refund.notificationId ?? "",
    callbackStatus: last?.status ?? 0,
    nextCallbackAt: last?.nextAt ?? 0,
    callbacks: refund.deliveries.map(({ at, status }) => ({ at, status })),
  };
}
