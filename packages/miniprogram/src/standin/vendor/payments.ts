import { randomBytes } from "node:crypto";
import { type JsonObject, objectField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { wrong } from "../control/control-reply.js";
import { readTamper } from "../control/read-tamper.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Tamper } from "../pay/callback-message.js";
import type { Order } from "../state/pay-state.js";
import type { VendorCallbacks } from "./callbacks.js";
import type { VendorPay } from "./notice.js";

/** What users do with a vendor's orders, in the words of the other control routes. */
export function vendorPaymentRoutes(context: StandinContext, pay: VendorPay, callbacks: VendorCallbacks): Route[] {
  const { store } = context;
  const order = (outTradeNo: string): Order | undefined => store.state.orders.get(outTradeNo);
  return [
    { method: "POST", path: /^\/_control\/pay$/, handle: (request) => payOrder(request, context, pay, callbacks) },
    {
      method: "GET",
      path: /^\/_control\/orders$/,
      handle: () => json(200, { orders: [...store.state.orders.values()].slice(0, 1000).map((one) => view(one, pay)) }),
    },
    {
      method: "GET",
      path: /^\/_control\/orders\/([^/]+)$/,
      handle: (_, [outTradeNo = ""]) => {
        const found = order(outTradeNo);
        return found === undefined ? json(404, { error: "no such order" }) : json(200, view(found, pay));
      },
    },
    {
      method: "POST",
      path: /^\/_control\/orders\/([^/]+)\/callback$/,
      handle: (request, [outTradeNo = ""]) => resend(request, order(outTradeNo), pay, callbacks),
    },
  ];
}

async function payOrder(
  request: StandinRequest,
  context: StandinContext,
  pay: VendorPay,
  callbacks: VendorCallbacks,
): Promise<StandinReply> {
  const { store, clock } = context;
  const body = jsonBody(request);
  const tamper = vendorTamper(body, pay);
  if (tamper === undefined) return wrong("tamper has a field or value that this vendor does not know");
  const parameters = objectField(body, "clientParameters");
  const prepayId = textField(body, "prepayId") ?? "";
  const order = parameters === undefined ? store.state.pay.ordersByPrepayId.get(prepayId) : pay.find(parameters);
  if (order === undefined) return json(404, { error: "NO_SUCH_ORDER" });
  if (order.payment !== undefined) return json(409, { error: "ORDERPAID" });
  if (pay.ended(order)) return json(409, { error: "ORDER_CLOSED" });
  if (store.state.users.get(order.openid)?.blocked) return json(409, { error: "USER_BLOCKED" });
  store.commit({
    type: "paid",
    outTradeNo: order.outTradeNo,
    transactionId: pay.transactionId(order),
    notificationId: randomBytes(17).toString("hex"),
    paidAt: clock.now(),
  });
  // Told to nobody before it would survive a crash.
  await store.durable();
  await callbacks.deliver(order, undefined, tamper);
  return json(200, view(order, pay));
}

async function resend(
  request: StandinRequest,
  order: Order | undefined,
  pay: VendorPay,
  callbacks: VendorCallbacks,
): Promise<StandinReply> {
  const body = jsonBody(request);
  const tamper = vendorTamper(body, pay);
  if (tamper === undefined) return wrong("tamper has a field or value that this vendor does not know");
  if (order === undefined) return json(404, { error: "no such order" });
  if (order.payment === undefined) return json(409, { error: "the order is not paid" });
  const outRefundNo = textField(body, "outRefundNo");
  const refund = order.refunds.find((one) => one.outRefundNo === outRefundNo);
  if (outRefundNo !== undefined && refund === undefined) return json(404, { error: "no such refund" });
  return json(200, { callbackStatus: await callbacks.resend(order, refund, tamper) });
}

function vendorTamper(body: JsonObject | undefined, pay: VendorPay): Tamper | undefined {
  const tamper = readTamper(body);
  if (tamper === undefined) return undefined;
  return Object.keys(tamper).every((name) => pay.tampers.includes(name as keyof Tamper)) ? tamper : undefined;
}

function view(order: Order, pay: VendorPay): unknown {
  const last = order.deliveries.at(-1);
  const state = order.payment === undefined ? (pay.ended(order) ? "CLOSED" : "NOTPAY") : "SUCCESS";
  return {
    outTradeNo: order.outTradeNo,
    prepayId: order.prepayId,
    state: order.refunds.length > 0 ? "REFUND" : state,
    description: order.description,
    amount: order.total,
    currency: order.currency,
    openid: order.openid,
    expiresAt: order.expiresAt,
    transactionId: order.payment?.transactionId ?? "",
    callbackStatus: last?.status ?? 0,
    nextCallbackAt: last?.nextAt ?? 0,
    callbacks: order.deliveries.map(({ at, status }) => ({ at, status })),
    refunds: order.refunds.map(({ outRefundNo, refund, createdAt, deliveries }) => ({
      ...{ outRefundNo, amount: refund, createdAt },
      callbacks: deliveries.map(({ at, status }) => ({ at, status })),
    })),
  };
}
