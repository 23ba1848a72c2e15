import { chinaTime } from "../china-time.js";
import type { StandinContext } from "./context.js";
import type { Route, StandinReply, StandinRequest } from "./http/exchange.js";
import type { Checkout } from "./pay/checkout.js";
import { canBePaidUntil, tradeState } from "./pay/transaction.js";
import type { Delivery } from "./state/pay-events.js";
import { type Order, settlementOf } from "./state/pay-state.js";

/** The page where a person is the user: orders that wait, with their buttons, and what became of the last ones. */
export function pageRoutes(context: StandinContext, checkout: Checkout): Route[] {
  return [
    { method: "GET", path: /^\/$/, handle: () => page(context) },
    { method: "POST", path: /^\/pay$/, handle: (request) => press(request, checkout) },
  ];
}

const longestList = 50;

/** Answers once the callback was answered, or not, so that the page shows it. */
async function press(request: StandinRequest, checkout: Checkout): Promise<StandinReply> {
  const form = new URLSearchParams(request.body.toString("utf8"));
  const order = await checkout.find({ prepayId: form.get("prepay_id") ?? "" });
  let refused = "refused" in order ? order.refused : undefined;
  if (!("refused" in order)) {
    if (form.get("answer") === "refuse") checkout.refuse(order);
    else if (form.get("answer") === "pay") {
      const paid = await checkout.pay(order);
      if ("refused" in paid) refused = paid.refused;
    }
  }
  if (refused === undefined) return { status: 303, headers: { location: "/" }, body: "" };
  const why = `<h1>Not paid</h1><p>${refusals[refused] ?? "the platform says no"}. <a href="/">Back</a>`;
  return html(409, why);
}

const refusals: Readonly<Record<string, string>> = {
  NO_SUCH_ORDER: "There is no such order",
  ORDERPAID: "The order is paid already",
  ORDER_CLOSED: "The merchant has closed the order",
  ORDER_EXPIRED: "The order's time is over",
  PREPAY_EXPIRED: "The prepay id is too old: the merchant must ask for another",
  USER_BLOCKED: "The user is blocked",
};

function page(context: StandinContext): StandinReply {
  const waiting: Order[] = [];
  const over: Order[] = [];
  const now = context.clock.now();
  for (const order of context.store.state.orders.values()) {
    const payable = tradeState(order) === "NOTPAY" && canBePaidUntil(order, context.rules) > now;
    (payable ? waiting : over).push(order);
  }
  const last = (orders: readonly Order[]): Order[] => orders.slice(-longestList).reverse();
  const toPay = last(waiting).map((order) => [...terms(order), untilText(order, context), buttons(order)]);
  const done = last(over).map((order) => [
    ...terms(order),
    stateText(order),
    callbackText(order.deliveries),
    refundText(order, now),
  ]);
  return html(
    200,
    `<h1>Stand-in platform</h1><p>You are the user. No money moves here. It is ${chinaTime(now)} in China.
<h2>To pay (${waiting.length})</h2>${table(["What", "Amount", "User", "Number", "Until", ""], toPay)}
<h2>Paid, closed or expired (${over.length})</h2>
${table(["What", "Amount", "User", "Number", "State", "Callback", "Refunds"], done)}`,
  );
}

/** Cells are HTML. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "<p>None.";
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}`).join("")}`);
  return `<table><tr>${heads.map((head) => `<th>${head}`).join("")}\n${lines.join("\n")}</table>`;
}

function terms(order: Order): string[] {
  return [
    escaped(order.description),
    price(order.total, order.currency),
    escaped(order.openid),
    escaped(order.outTradeNo),
  ];
}

function buttons(order: Order): string {
  return `<form method="post" action="/pay"><input type="hidden" name="prepay_id" value="${escaped(order.prepayId)}">
<button name="answer" value="pay">Pay</button> <button name="answer" value="refuse">Refuse</button></form>${
    order.refusals === 0 ? "" : ` refused ${order.refusals} times`
  }`;
}

function untilText(order: Order, context: StandinContext): string {
  return chinaTime(canBePaidUntil(order, context.rules));
}

function stateText(order: Order): string {
  const state = tradeState(order);
  return state === "NOTPAY" ? "EXPIRED" : state;
}

function callbackText(deliveries: readonly Delivery[]): string {
  const last = deliveries.at(-1);
  if (last === undefined) return "";
  const answer = last.status === 0 ? "no answer" : String(last.status);
  const next = last.nextAt === 0 ? "" : `, again ${chinaTime(last.nextAt)}`;
  return `${answer} (${deliveries.length})${next}`;
}

function refundText(order: Order, now: number): string {
  return order.refunds
    .map((refund) => {
      const state = settlementOf(refund, now)?.outcome ?? "PROCESSING";
      return `${price(refund.refund, refund.currency)} ${state} ${callbackText(refund.deliveries)}`;
    })
    .join("<br>");
}

/** By digits, never through a float. All currencies that the platform takes have two decimals. */
function price(amount: number, currency: string): string {
  const digits = String(amount).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)} ${escaped(currency)}`;
}

function html(status: number, body: string): StandinReply {
  // No scripts at all, and nobody may frame the buttons.
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in platform</title>
<meta name="viewport" content="width=device-width"><style>
body{font:16px/1.5 system-ui;max-width:72rem;margin:2rem auto;padding:0 1rem}table{width:100%;border-collapse:collapse}
td,th{text-align:left;padding:.4rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}form{display:inline}</style>
${body}</html>`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
