import { textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Callbacks } from "../pay/callbacks.js";
import { refundNotice } from "../pay/notices.js";
import type { Refunds } from "../pay/refunds.js";
import type { RefundEntry } from "../state/pay-state.js";
import { wrong } from "./control-reply.js";
import { refundView } from "./payments.js";
import { readTamper } from "./read-tamper.js";

const outcomes = ["SUCCESS", "ABNORMAL", "CLOSED"] as const;
const nextOutcomes = [...outcomes, "PROCESSING"] as const;

/** What becomes of refunds, and what the platform tells about them. */
export function refundControlRoutes(context: StandinContext, refunds: Refunds, callbacks: Callbacks): Route[] {
  const known = (handle: (refund: RefundEntry, request: StandinRequest) => StandinReply | Promise<StandinReply>) => {
    return (request: StandinRequest, [outRefundNo = ""]: readonly string[]): StandinReply | Promise<StandinReply> => {
      const refund = context.store.state.refunds.get(outRefundNo);
      return refund === undefined ? json(404, { error: "no such refund" }) : handle(refund, request);
    };
  };
  return [
    {
      method: "POST",
      path: /^\/_control\/orders\/([^/]+)\/refund-outcome$/,
      handle: (request, [outTradeNo = ""]) => setOutcome(request, outTradeNo, context),
    },
    {
      method: "GET",
      path: /^\/_control\/refunds\/([^/]+)$/,
      handle: known((refund) => json(200, refundView(refund, context))),
    },
    {
      method: "POST",
      path: /^\/_control\/refunds\/([^/]+)\/settle$/,
      handle: known((refund, request) => {
        const outcome = outcomes.find((name) => name === (textField(jsonBody(request), "outcome") ?? "SUCCESS"));
        if (outcome === undefined) return wrong(`outcome is one of ${outcomes.join(", ")}`);
        if (!refunds.settle(refund, outcome)) return json(409, { error: "the refund is settled" });
        return json(200, refundView(refund, context));
      }),
    },
    {
      method: "POST",
      path: /^\/_control\/refunds\/([^/]+)\/callback$/,
      handle: known(async (refund, request) => {
        const tamper = readTamper(jsonBody(request));
        const order = context.store.state.orders.get(refund.outTradeNo);
        if (tamper === undefined) return wrong("tamper has an unknown field or value");
        const notice = order && refundNotice(refund, order, context);
        if (notice === undefined) return json(409, { error: "the refund is processed still, or has no notify_url" });
        return json(200, { callbackStatus: await callbacks.resend(notice, tamper) });
      }),
    },
  ];
}

/** What becomes of the order's next refund; `PROCESSING`: nothing, until it is settled here. */
function setOutcome(request: StandinRequest, outTradeNo: string, context: StandinContext): StandinReply {
  const outcome = nextOutcomes.find((name) => name === jsonBody(request)?.outcome);
  if (outcome === undefined) return wrong(`outcome is one of ${nextOutcomes.join(", ")}`);
  if (!context.store.state.orders.has(outTradeNo)) return json(404, { error: "no such order" });
  context.store.commit({ type: "refund-outcome", outTradeNo, outcome });
  return json(200, { outTradeNo, outcome });
}
