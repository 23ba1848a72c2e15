import type { RawLine } from "./read-lines.js";

/** What the replay sells: one product for each stock code at each price, because the file sells one code at several. */
export interface PlannedProduct {
  readonly productId: string;
  readonly title: string;
  /** In the smallest unit. */
  readonly price: bigint;
  /** Everything that the orders ask for. */
  stock: bigint;
}

export interface PlannedLine {
  readonly productId: string;
  readonly quantity: bigint;
}

export interface PlannedOrder {
  readonly invoice: string;
  /** A customer of the file, or a guest for an invoice without one. */
  readonly customer: string;
  readonly lines: readonly PlannedLine[];
  readonly total: bigint;
}

/** Pieces of one earlier order that a cancellation gives back. */
export interface PlannedRefund {
  readonly cancellation: string;
  readonly invoice: string;
  readonly lines: readonly PlannedLine[];
  readonly amount: bigint;
}

export interface Rejected {
  readonly line: RawLine;
  readonly reason: string;
}

export interface Plan {
  readonly products: ReadonlyMap<string, PlannedProduct>;
  readonly orders: readonly PlannedOrder[];
  readonly refunds: readonly PlannedRefund[];
  readonly rejected: readonly Rejected[];
  readonly cancellations: number;
  readonly guests: number;
}

/** As the contract of the order service has it. */
const maxQuantity = 1_000_000n;
const maxLines = 1000;

/** What to do with a file: no line is dropped, each is in an order, in a refund, or rejected with a reason. */
export function planReplay(lines: readonly RawLine[]): Plan {
  const products = new Map<string, PlannedProduct>();
  const rejected: Rejected[] = [];
  const orders = new Map<string, { customer: string; lines: PlannedLine[]; total: bigint }>();
  const cancelled: {
    readonly line: RawLine;
    readonly productId: string;
    readonly quantity: bigint;
    readonly price: bigint;
  }[] = [];
  for (const line of lines) {
    const understood = understand(line);
    if (typeof understood === "string") {
      rejected.push({ line, reason: understood });
      continue;
    }
    const { quantity, price, productId } = understood;
    if (line.invoice.startsWith("C")) {
      if (quantity >= 0n) rejected.push({ line, reason: "a cancellation with a positive quantity" });
      else cancelled.push({ line, productId, quantity: -quantity, price });
      continue;
    }
    const problem =
      quantity <= 0n ? "quantity is not positive" : quantity > maxQuantity ? "quantity is too large" : undefined;
    const order = orders.get(line.invoice) ?? { customer: customerOf(line), lines: [], total: 0n };
    if (problem !== undefined || order.lines.length >= maxLines) {
      rejected.push({ line, reason: problem ?? `more than ${maxLines} lines in one invoice` });
      continue;
    }
    orders.set(line.invoice, order);
    order.lines.push({ productId, quantity });
    order.total += price * quantity;
    const product = products.get(productId);
    if (product === undefined) {
      products.set(productId, { productId, title: titleOf(line), price, stock: quantity });
    } else {
      product.stock += quantity;
    }
  }
  const placed = [...orders].map(([invoice, order]) => ({ invoice, ...order }));
  const refunds = matchCancellations(cancelled, placed, rejected);
  return {
    products,
    orders: placed,
    refunds,
    rejected,
    cancellations: new Set(lines.filter((line) => line.invoice.startsWith("C")).map((line) => line.invoice)).size,
    guests: placed.filter((order) => order.customer.startsWith("guest-")).length,
  };
}

/** Takes each cancelled line from the customer's orders before it, the latest first; all of it or nothing. */
function matchCancellations(
  cancelled: readonly {
    readonly line: RawLine;
    readonly productId: string;
    readonly quantity: bigint;
    readonly price: bigint;
  }[],
  orders: readonly PlannedOrder[],
  rejected: Rejected[],
): PlannedRefund[] {
  const left = new Map<string, bigint>();
  const key = (invoice: string, productId: string): string => `${invoice} ${productId}`;
  for (const order of orders) {
    for (const { productId, quantity } of order.lines) {
      const at = key(order.invoice, productId);
      left.set(at, (left.get(at) ?? 0n) + quantity);
    }
  }
  const refunds = new Map<string, { cancellation: string; invoice: string; lines: PlannedLine[]; amount: bigint }>();
  for (const { line, productId, quantity, price } of cancelled) {
    if (line.customer === "") {
      rejected.push({ line, reason: "a cancellation without a customer" });
      continue;
    }
    const number = Number(line.invoice.slice(1));
    const candidates = orders
      .filter((order) => order.customer === customerOf(line) && Number(order.invoice) < number)
      .filter((order) => (left.get(key(order.invoice, productId)) ?? 0n) > 0n)
      .reverse();
    const total = candidates.reduce((sum, order) => sum + (left.get(key(order.invoice, productId)) ?? 0n), 0n);
    if (total < quantity) {
      rejected.push({
        line,
        reason: "a cancellation of more than the customer's earlier orders in the file hold at this price",
      });
      continue;
    }
    let missing = quantity;
    for (const order of candidates) {
      if (missing === 0n) break;
      const at = key(order.invoice, productId);
      const available = left.get(at) ?? 0n;
      const pieces = available < missing ? available : missing;
      left.set(at, available - pieces);
      missing -= pieces;
      const id = `${line.invoice} ${order.invoice}`;
      const refund = refunds.get(id) ?? { cancellation: line.invoice, invoice: order.invoice, lines: [], amount: 0n };
      refunds.set(id, refund);
      refund.lines.push({ productId, quantity: pieces });
      refund.amount += pieces * price;
    }
  }
  return [...refunds.values()];
}

function understand(line: RawLine): { quantity: bigint; price: bigint; productId: string } | string {
  if (line.invoice === "") return "no invoice number";
  if (line.stockCode === "") return "no stock code";
  if (!/^-?\d{1,12}$/.test(line.quantity)) return "quantity is not a whole number";
  const price = pence(line.price);
  if (price === undefined) return "price is not an amount of pounds and pence";
  if (price <= 0n) return "price is not positive";
  return { quantity: BigInt(line.quantity), price, productId: productIdOf(line.stockCode, price) };
}

/** `2.55` as 255. Undefined for anything that is not exact to the penny. */
function pence(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,2})0*)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, pounds, fraction = ""] = match;
  const value = BigInt(pounds as string) * 100n + BigInt(fraction.padEnd(2, "0"));
  return sign === "-" ? -value : value;
}

/** Characters that a product id may not have are written as `_` and their code, so that two codes never become one id. */
function productIdOf(stockCode: string, price: bigint): string {
  const code = stockCode.replace(/[^A-Za-z0-9-]/g, (character) => `_${character.codePointAt(0)?.toString(16)}.`);
  return `P${code}-${price}`;
}

/** The file's text is damaged in places: what cannot be shown is left out. */
function titleOf(line: RawLine): string {
  const title = line.description
    .replace(/[\p{C}\uFFFD]/gu, "")
    .trim()
    .slice(0, 256);
  return title === "" ? `(${line.stockCode})` : title;
}

function customerOf(line: RawLine): string {
  return line.customer === "" ? `guest-${line.invoice}` : `customer-${line.customer}`;
}
