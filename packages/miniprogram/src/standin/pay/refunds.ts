import { randomInt } from "node:crypto";
import { integerField, type JsonObject, objectField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply } from "../http/exchange.js";
import type { RefundTerms } from "../state/events.js";
import type { Order } from "../state/state.js";
import { merchantRoute, type PlatformCrypto, payFailure } from "./merchant-route.js";
import { refundObject } from "./transaction.js";

type WantedRefund = Pick<RefundTerms, "outRefundNo" | "outTradeNo" | "refund" | "total" | "currency" | "reason">;

/** Refunds: create (repeatable by `out_refund_no`) and query. */
export function refundRoutes(context: StandinContext, crypto: PlatformCrypto): Route[] {
  return [
    {
      method: "POST",
      path: /^\/v3\/refund\/domestic\/refunds$/,
      handle: merchantRoute((request) => create(jsonBody(request), context), context, crypto),
    },
    {
      method: "GET",
      path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/,
      handle: merchantRoute((_, [outRefundNo = ""]) => query(outRefundNo, context), context, crypto),
    },
  ];
}

function create(body: JsonObject | undefined, context: StandinContext): StandinReply {
  const { state } = context.store;
  const wanted = readRefund(body);
  if ("status" in wanted) return wanted;
  const order = state.orders.get(wanted.outTradeNo);
  if (order?.payment === undefined) return payFailure(404, "RESOURCE_NOT_EXISTS", "no paid order of this number");
  const existing = state.refunds.get(wanted.outRefundNo);
  if (existing !== undefined) {
    const same = (Object.keys(wanted) as (keyof WantedRefund)[]).every((field) => existing[field] === wanted[field]);
    if (!same) return payFailure(400, "INVALID_REQUEST", "out_refund_no was used with other content");
    return json(200, refundObject(existing, order, context.clock.now()));
  }
  const refusal = ruleRefusal(wanted, order, context);
  if (refusal !== undefined) return refusal;
  const now = context.clock.now();
  const refund = {
    ...wanted,
    refundId: `503${String(randomInt(2 ** 47)).padStart(25, "0")}`,
    createdAt: now,
    settlesAt: now + context.rules.refundSettleMs,
  };
  context.store.commit({ type: "refund", ...refund });
  return json(200, refundObject(refund, order, now));
}

function query(outRefundNo: string, context: StandinContext): StandinReply {
  const refund = context.store.state.refunds.get(outRefundNo);
  const order = refund && context.store.state.orders.get(refund.outTradeNo);
  if (refund === undefined || order === undefined) return payFailure(404, "RESOURCE_NOT_EXISTS", "no such refund");
  return json(200, refundObject(refund, order, context.clock.now()));
}

function readRefund(body: JsonObject | undefined): WantedRefund | StandinReply {
  const wrong = (message: string): StandinReply => payFailure(400, "PARAM_ERROR", message);
  if (body === undefined) return wrong("the body is not a JSON object");
  // The real platform knows the transaction's number as well, and calls back; the provider here uses neither.
  if (body.transaction_id !== undefined) return wrong("the stand-in knows refunds by out_trade_no only");
  if (body.notify_url !== undefined) return wrong("the stand-in sends no refund callbacks yet");
  const outTradeNo = textField(body, "out_trade_no");
  if (outTradeNo === undefined) return wrong("out_trade_no is missing");
  const outRefundNo = textField(body, "out_refund_no");
  if (outRefundNo === undefined || !/^[0-9A-Za-z_\-|*@]{1,64}$/.test(outRefundNo)) {
    return wrong("out_refund_no has 1 to 64 of 0-9 a-z A-Z _ - | * @");
  }
  const reason = body.reason === undefined ? "" : textField(body, "reason");
  if (reason === undefined || Buffer.byteLength(reason) > 80) return wrong("reason has 1 to 80 bytes");
  const amount = objectField(body, "amount");
  const refund = integerField(amount, "refund");
  const total = integerField(amount, "total");
  const currency = textField(amount, "currency");
  if (refund === undefined || refund < 1) return wrong("amount.refund is an integer of at least 1");
  if (total === undefined || total < 1) return wrong("amount.total is an integer of at least 1");
  if (currency === undefined) return wrong("amount.currency is missing");
  return { outRefundNo, outTradeNo, refund, total, currency, reason };
}

function ruleRefusal(wanted: WantedRefund, order: Order, context: StandinContext): StandinReply | undefined {
  const { rules, clock } = context;
  const invalid = (message: string): StandinReply => payFailure(400, "INVALID_REQUEST", message);
  if (wanted.total !== order.total || wanted.currency !== order.currency) return invalid("amount is not what was paid");
  const refunded = order.refunds.reduce((sum, refund) => sum + refund.refund, 0);
  if (refunded + wanted.refund > order.total) return invalid("more than what is left of the payment");
  if (order.refunds.length >= rules.refundsPerOrder) return invalid("too many refunds of this order");
  const now = clock.now();
  if (now - (order.payment?.paidAt ?? now) > rules.refundableMs) return invalid("the payment is too old");
  if (now - (order.refunds.at(-1)?.createdAt ?? 0) < rules.refundSpacingMs) {
    return payFailure(429, "FREQUENCY_LIMITED", "the last refund of this order was a moment ago");
  }
  return undefined;
}
