import type { Books, OrderRow } from "./books.fixture.js";

/**
 * What is wrong with the books of an installation that is quiet; empty when nothing is. Shares no code with the services:
 * it adds up rows.
 */
export function faultsIn(books: Books, now: number): string[] {
  return [
    ...stockFaults(books),
    ...orderFaults(books, now),
    ...moneyFaults(books),
    ...ledgerFaults(books),
    ...messageFaults(books),
    ...leftovers(books),
  ];
}

/** Nothing appears, nothing vanishes, nothing stays reserved, and exactly what was bought and kept is sold. */
function stockFaults({ stocked, stock, orders, lines }: Books): string[] {
  const faults: string[] = [];
  const bought = new Set(orders.filter(wasConfirmed).map((order) => order.order_id));
  for (const [product, pieces] of stocked) {
    const level = stock.find((row) => row.product_id === product);
    if (level === undefined) {
      faults.push(`stock of ${product} is gone`);
      continue;
    }
    const { available, reserved, sold } = level;
    if (available + reserved + sold !== pieces) {
      faults.push(`${product}: ${available} + ${reserved} + ${sold} pieces, ${pieces} were stocked`);
    }
    if (available < 0n || reserved < 0n || sold < 0n) faults.push(`${product}: a count is negative`);
    if (reserved !== 0n) faults.push(`${product}: ${reserved} pieces are still reserved`);
    const kept = sum(
      lines.filter((line) => line.product_id === product && bought.has(line.order_id)),
      (line) => line.quantity - line.refunded_quantity,
    );
    if (sold !== kept) faults.push(`${product}: ${sold} sold, the confirmed orders hold ${kept}`);
  }
  return faults;
}

function orderFaults({ orders, lines, orderRefunds }: Books, now: number): string[] {
  const faults: string[] = [];
  for (const order of orders) {
    const { order_id: id, status, expires_at: expiresAt } = order;
    if (status === "pending") faults.push(`order ${id} is pending for ever`);
    if (status === "awaiting-payment" && Number(expiresAt) <= now) faults.push(`order ${id} waits beyond its expiry`);
    const done = sum(
      orderRefunds.filter((refund) => refund.order_id === id && refund.status === "done"),
      (r) => r.amount,
    );
    if (done !== order.refunded) faults.push(`order ${id} says ${order.refunded} refunded, its refunds are ${done}`);
    if ((status === "refunded") !== (order.refunded === order.total))
      faults.push(`order ${id} is ${status}, refunded ${done}`);
    if (lines.every((line) => line.order_id !== id)) faults.push(`order ${id} has no lines`);
  }
  for (const refund of orderRefunds) {
    if (refund.status === "pending") faults.push(`refund ${refund.refund_id} is pending for ever`);
  }
  return faults;
}

/** Every charge belongs to one confirmed order, less what was refunded of it, or was given back whole. */
function moneyFaults({ orders, payments, paymentRefunds, outside }: Books): string[] {
  const faults: string[] = [];
  const orderOf = new Map(orders.map((order) => [order.order_id, order]));
  for (const { order_id: id, kind, charged, refunded } of payments) {
    const order = orderOf.get(id);
    if (order === undefined) {
      if (charged !== refunded)
        faults.push(`payment ${id}: ${charged - refunded} were taken for an order that does not exist`);
      continue;
    }
    const owed = wasConfirmed(order) ? order.total - order.refunded : 0n;
    if (charged - refunded !== owed) {
      faults.push(
        `payment ${id}: ${charged} taken, ${refunded} given back, the ${order.status} order is worth ${owed}`,
      );
    }
    if (charged > order.total) faults.push(`payment ${id}: ${charged} taken for an order of ${order.total}`);
    const done = sum(
      paymentRefunds.filter((refund) => refund.order_id === id && refund.done === 1n),
      (r) => r.amount,
    );
    if (done !== refunded) faults.push(`payment ${id}: says ${refunded} given back, its refunds are ${done}`);
    if (kind === "pay-order") {
      const trade = outside.trades.get(id) ?? { paid: 0n, refunded: 0n };
      if (trade.paid !== charged || trade.refunded !== refunded) {
        faults.push(`payment ${id}: booked ${charged}/${refunded}, the platform moved ${trade.paid}/${trade.refunded}`);
      }
    }
  }
  const paid = new Set(payments.map((payment) => payment.order_id));
  for (const order of orders) {
    if (wasConfirmed(order) && !paid.has(order.order_id))
      faults.push(`order ${order.order_id} was confirmed without a payment`);
  }
  for (const [id, { paid: taken, refunded }] of outside.trades) {
    if (!paid.has(id) && taken !== refunded) faults.push(`the platform took ${taken} for ${id}, which has no payment`);
  }
  return faults;
}

/** The ledger says what the payments say, once; wallets hold what was put in, less charges, plus refunds. */
function ledgerFaults({ payments, ledger, wallets }: Books): string[] {
  const faults: string[] = [];
  const booked = (kind: string, id: string): bigint =>
    sum(
      ledger.filter((entry) => entry.kind === kind && entry.order_id === id),
      (entry) => entry.amount,
    );
  for (const { order_id: id, charged, refunded } of payments) {
    const entries = ledger.filter((entry) => entry.kind === "charge" && entry.order_id === id).length;
    if (entries > 1) faults.push(`order ${id} was charged ${entries} times`);
    if (booked("charge", id) !== charged)
      faults.push(`ledger: charge of ${id} is ${booked("charge", id)}, not ${charged}`);
    if (booked("refund", id) !== refunded)
      faults.push(`ledger: refunds of ${id} are ${booked("refund", id)}, not ${refunded}`);
  }
  const byWallet = new Set(payments.filter((payment) => payment.kind === "wallet").map((payment) => payment.order_id));
  const users = new Set([...wallets, ...ledger].map((row) => row.user_id));
  for (const user of users) {
    const entries = ledger.filter((entry) => entry.user_id === user);
    const signs: Readonly<Record<string, bigint>> = { "top-up": 1n, charge: -1n, refund: 1n };
    const moved = entries.filter((entry) => entry.kind === "top-up" || byWallet.has(entry.order_id));
    const due = sum(moved, (entry) => (signs[entry.kind] ?? 0n) * entry.amount);
    const balance = sum(
      wallets.filter((wallet) => wallet.user_id === user),
      (wallet) => wallet.balance,
    );
    if (balance !== due) faults.push(`wallet of ${user} holds ${balance}, the ledger says ${due}`);
  }
  return faults;
}

const endings: Readonly<Record<string, string>> = {
  confirmed: "order_confirmed",
  refunded: "order_confirmed",
  cancelled: "order_cancelled",
  expired: "order_expired",
  failed: "order_failed",
};

/** One notice for each event; never more messages than attempts that may have arrived, never fewer than are known to have. */
function messageFaults({ orders, orderRefunds, notices, outside }: Books): string[] {
  const faults: string[] = [];
  const expected = new Map<string, string>();
  for (const { order_id: id, status } of orders) {
    const template = endings[status];
    const event = status === "refunded" ? "confirmed" : status;
    if (template !== undefined) expected.set(`${id}/${event}`, template);
  }
  for (const { refund_id: refund, order_id: id, status } of orderRefunds) {
    if (status === "done") expected.set(`${id}/refund/${refund}`, "order_refunded");
  }
  const known = new Map(notices.map((notice) => [notice.notice_id, notice]));
  for (const [event, template] of expected) {
    if (known.get(event)?.template !== template) faults.push(`event ${event} led to no notice ${template}`);
  }
  for (const { notice_id: id, status } of notices) {
    if (!expected.has(id)) faults.push(`notice ${id} is about nothing that happened`);
    if (status === "sending" || status === "waiting") faults.push(`notice ${id} is still ${status}`);
  }
  const keys = new Set([...notices.map(keyOfNotice), ...outside.messages.map(keyOfMessage)]);
  for (const key of keys) {
    const about = notices.filter((notice) => keyOfNotice(notice) === key);
    const got = outside.messages.filter((message) => keyOfMessage(message) === key).length;
    const surely = about.filter((notice) => notice.status === "sent").length;
    const maybe = surely + about.filter((notice) => notice.status === "unknown").length;
    if (got < surely || got > maybe) faults.push(`${key}: ${got} messages arrived, ${surely} to ${maybe} were sent`);
  }
  return faults;
}

const keyOfNotice = (notice: Books["notices"][number]): string => `${notice.order_id} ${notice.template}`;
const keyOfMessage = (message: Books["outside"]["messages"][number]): string =>
  `${message.orderId} ${message.template}`;

/** Nothing is under way, and nothing was given up. */
function leftovers({ sagas, outbox, deliveries, orders }: Books): string[] {
  const open = new Set(orders.filter((order) => order.status === "awaiting-payment").map((order) => order.order_id));
  return [
    ...sagas
      .filter(({ id, saga, status }) => {
        if (status === "compensated") return saga === "give-back";
        return status !== "completed" && !(status === "waiting" && open.has(id));
      })
      .map(({ id, saga, status }) => `saga ${saga} ${id} is ${status}`),
    ...outbox.map(({ id }) => `event ${id} was never published`),
    ...deliveries.map(
      ({ message_key: key, state, error }) => `a message about ${key} was not consumed: state ${state} ${error}`,
    ),
  ];
}

function wasConfirmed({ status }: OrderRow): boolean {
  return status === "confirmed" || status === "refunded";
}

function sum<T>(rows: readonly T[], of: (row: T) => bigint): bigint {
  return rows.reduce((total, row) => total + of(row), 0n);
}
