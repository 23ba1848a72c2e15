import { join } from "node:path";
import { openSqlite } from "@sampan/data";
import { JsonClient } from "../client/json-client.js";

/** Rows as the services keep them; integers are bigint. Only the columns that an audit reads. */
export interface Books {
  /** What the test itself put on the shelves: the one number that no service can get wrong. */
  readonly stocked: ReadonlyMap<string, bigint>;
  readonly stock: readonly { product_id: string; available: bigint; reserved: bigint; sold: bigint }[];
  readonly orders: readonly OrderRow[];
  readonly lines: readonly { order_id: string; product_id: string; quantity: bigint; refunded_quantity: bigint }[];
  readonly orderRefunds: readonly { refund_id: string; order_id: string; amount: bigint; status: string }[];
  readonly payments: readonly PaymentRow[];
  readonly paymentRefunds: readonly { refund_id: string; order_id: string; amount: bigint; done: bigint }[];
  readonly wallets: readonly { user_id: string; balance: bigint }[];
  readonly ledger: readonly { kind: string; reference: string; order_id: string; user_id: string; amount: bigint }[];
  readonly notices: readonly { notice_id: string; order_id: string; template: string; status: string }[];
  readonly sagas: readonly { id: string; saga: string; status: string }[];
  /** Events that wait to be published. */
  readonly outbox: readonly { id: string }[];
  /** Messages that wait for a consumer, or that one has given up. */
  readonly deliveries: readonly { message_key: string; state: bigint; error: string }[];
  readonly outside: Outside;
}

export interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly status: string;
  readonly payment_method: string;
  readonly total: bigint;
  readonly refunded: bigint;
  readonly expires_at: bigint;
}

export interface PaymentRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly kind: string;
  readonly status: string;
  readonly charged: bigint;
  readonly refunded: bigint;
}

/** What the mini-program platform says happened: money that really moved, messages that people really got. */
export interface Outside {
  readonly trades: ReadonlyMap<string, { readonly paid: bigint; readonly refunded: bigint }>;
  readonly messages: readonly { readonly orderId: string; readonly template: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: the audit reads files of eight services, whose table maps are their own
type AnyTables = Record<string, any>;

/** Reads the files of an installation that is not running. */
export async function readBooks(data: string, stocked: ReadonlyMap<string, bigint>, outside: Outside): Promise<Books> {
  const inventory = await rowsOf(data, "inventory", ["stock"]);
  const order = await rowsOf(data, "order", ["shop_order", "order_line", "refund", "sampan_saga", "sampan_outbox"]);
  const paymentTables = ["payment", "refund", "wallet", "ledger", "sampan_saga", "sampan_outbox"];
  const payment = await rowsOf(data, "payment", paymentTables);
  const notification = await rowsOf(data, "notification", ["notice"]);
  const queue = await rowsOf(data, "queue", ["queue_delivery"]);
  return {
    stocked,
    stock: inventory.stock,
    orders: order.shop_order,
    lines: order.order_line,
    orderRefunds: order.refund,
    payments: payment.payment,
    paymentRefunds: payment.refund,
    wallets: payment.wallet,
    ledger: payment.ledger,
    notices: notification.notice,
    sagas: [...order.sampan_saga, ...payment.sampan_saga],
    outbox: [...order.sampan_outbox, ...payment.sampan_outbox],
    deliveries: queue.queue_delivery,
    outside,
  };
}

async function rowsOf(data: string, service: string, tables: readonly string[]): Promise<AnyTables> {
  const sql = await openSqlite<AnyTables>({ file: join(data, `${service}.db`), schemas: [] });
  try {
    const rows: AnyTables = {};
    for (const table of tables) rows[table] = await sql.read.selectFrom(table).selectAll().execute();
    return rows;
  } finally {
    await sql.close();
  }
}

interface Trade {
  readonly outTradeNo: string;
  readonly state: string;
  readonly amount: number;
  readonly refunds: readonly { readonly amount: number }[];
}

/** Asks the stand-in what it did for these orders and people. */
export async function readOutside(
  standinUrl: string,
  orderIds: readonly string[],
  openids: readonly string[],
): Promise<Outside> {
  const http = new JsonClient(standinUrl, 8);
  try {
    const trades = new Map<string, { paid: bigint; refunded: bigint }>();
    for (const orderId of orderIds) {
      const { status, body } = await http.get(`/_control/orders/${orderId}`);
      if (status === 404) continue;
      const { state, amount, refunds } = body as Trade;
      const paid = state === "SUCCESS" || state === "REFUND" ? BigInt(amount) : 0n;
      trades.set(orderId, { paid, refunded: refunds.reduce((sum, refund) => sum + BigInt(refund.amount), 0n) });
    }
    const messages: { orderId: string; template: string }[] = [];
    for (const openid of openids) {
      const { body } = await http.get(`/_control/messages?openid=${openid}`);
      const list = (body as { messages: { templateId: string; data: Record<string, string> }[] }).messages;
      for (const { templateId, data } of list) {
        const template = templateId.replace("tpl-order-", "order_");
        messages.push({ orderId: data.character_string1 ?? "", template });
      }
    }
    return { trades, messages };
  } finally {
    http.close();
  }
}
