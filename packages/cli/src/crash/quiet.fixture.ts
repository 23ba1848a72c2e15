import type { StubbornClient } from "./stubborn-client.fixture.js";
import { eventually } from "./within.fixture.js";

/**
 * Waits until nothing is under way any more, as an operator sees it: every order has ended, money that must go back is
 * back, and of every event somebody was told, or not. Gives the ids of all orders.
 */
export async function quiet(client: StubbornClient, ms = 30_000): Promise<string[]> {
  let why = "";
  try {
    return await eventually(
      "quiet",
      async () => {
        const [orders, payments, notices] = await Promise.all([
          everything(client, "/v1/admin/orders", "orders"),
          everything(client, "/v1/admin/payments", "payments"),
          everything(client, "/v1/admin/notifications", "notifications"),
        ]);
        why = restless(orders, payments, notices);
        return why === "" ? orders.map((order) => order.orderId) : undefined;
      },
      ms,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}: ${why}`);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of three kinds
type Json = any;

function restless(orders: readonly Json[], payments: readonly Json[], notices: readonly Json[]): string {
  const open = orders.find(
    ({ status }) => status === "ORDER_STATUS_PENDING" || status === "ORDER_STATUS_AWAITING_PAYMENT",
  );
  if (open !== undefined) return `order ${open.orderId} is ${open.status}`;
  const refunds = orders.flatMap((order) => order.refunds);
  const refunding = refunds.find(({ status }) => status === "REFUND_STATUS_PENDING");
  if (refunding !== undefined) return `refund ${refunding.refundId} is pending`;
  const owing = payments.find(
    (each) => each.status === "PAYMENT_STATUS_VOIDED" && each.charged.amount !== each.refunded.amount,
  );
  if (owing !== undefined) return `payment ${owing.orderId} was voided and is not given back`;
  const telling = notices.find(({ status }) => /SENDING|WAITING/.test(status));
  if (telling !== undefined) return `notice ${telling.notificationId} is ${telling.status}`;
  const events = orders.length + refunds.filter(({ status }) => status === "REFUND_STATUS_DONE").length;
  return notices.length < events ? `${notices.length} notices of ${events} events` : "";
}

async function everything(client: StubbornClient, path: string, field: string): Promise<Json[]> {
  const found: Json[] = [];
  const token = await client.operator();
  for (let page = ""; ; ) {
    const answer = await client.must(200, client.request("GET", `${path}?pageSize=200&pageToken=${page}`, { token }));
    found.push(...answer.body[field]);
    page = answer.body.nextPageToken;
    if (page === "") return found;
  }
}
