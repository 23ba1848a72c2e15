import type { StandinContext } from "./context.js";
import type { Route, StandinReply, StandinRequest } from "./http/exchange.js";
import type { Checkout } from "./pay/checkout.js";
import { tradeState } from "./pay/transaction.js";
import type { Order } from "./state/state.js";

/** The page where a person is the user: pay orders that wait, with a button each, and the last ones that were paid. */
export function pageRoutes(context: StandinContext, checkout: Checkout): Route[] {
  return [
    { method: "GET", path: /^\/$/, handle: () => page(context) },
    { method: "POST", path: /^\/pay$/, handle: (request) => press(request, checkout) },
  ];
}

const longestList = 50;

async function press(request: StandinRequest, checkout: Checkout): Promise<StandinReply> {
  const form = new URLSearchParams(request.body.toString("utf8"));
  const order = await checkout.find({ prepayId: form.get("prepay_id") ?? "" });
  if (!("refused" in order)) {
    if (form.get("answer") === "refuse") checkout.refuse(order);
    else await checkout.pay(order);
  }
  return { status: 303, headers: { location: "/" }, body: "" };
}

function page(context: StandinContext): StandinReply {
  const waiting: Order[] = [];
  const paid: Order[] = [];
  for (const order of context.store.state.orders.values()) {
    if (tradeState(order) === "NOTPAY") waiting.push(order);
    else if (order.payment !== undefined) paid.push(order);
  }
  const rows = (orders: Order[], last: (order: Order) => string): string =>
    orders
      .slice(-longestList)
      .reverse()
      .map(
        (order) =>
          `<tr><td>${escaped(order.description)}<td>${price(order)}<td>${escaped(order.openid)}<td>${last(order)}`,
      )
      .join("\n");
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in platform</title>
<meta name="viewport" content="width=device-width"><style>
body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}table{width:100%;border-collapse:collapse}
td,th{text-align:left;padding:.4rem;border-bottom:1px solid #ddd}form{display:inline}</style>
<h1>Stand-in platform</h1><p>You are the user. No money moves here.
<h2>To pay (${waiting.length})</h2><table><tr><th>What<th>Amount<th>User<th>
${rows(waiting, buttons)}</table>
<h2>Paid (${paid.length})</h2><table><tr><th>What<th>Amount<th>User<th>Last callback
${rows(paid, (order) => String(order.deliveries.at(-1)?.status || "no answer"))}</table></html>`;
  // No scripts at all, and nobody may frame the buttons.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
  return {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    body,
  };
}

function buttons(order: Order): string {
  return `<form method="post" action="/pay"><input type="hidden" name="prepay_id" value="${escaped(order.prepayId)}">
<button name="answer" value="pay">Pay</button> <button name="answer" value="refuse">Refuse</button></form>`;
}

/** By digits, never through a float. All currencies that the platform takes have two decimals. */
function price(order: Order): string {
  const digits = String(order.total).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)} ${escaped(order.currency)}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
