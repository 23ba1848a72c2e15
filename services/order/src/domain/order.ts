import { addMoney, type Money, multiplyMoney, sameMoney } from "@sampan/core";
import { OrderErrors } from "./errors.js";

export type OrderStatus =
  | "pending"
  | "awaiting-payment"
  | "confirmed"
  | "cancelled"
  | "expired"
  | "failed"
  | "refunded";
export type PaymentMethod = "wallet" | "pay-order";

/** What a cart asks for. */
export interface CartLine {
  readonly productId: string;
  readonly quantity: bigint;
  /** The price that the user saw. */
  readonly seenPrice: Money | undefined;
}

/** What the catalogue says of a product today. */
export interface Offer {
  readonly productId: string;
  readonly title: string;
  readonly price: Money;
}

export interface OrderLine {
  /** 0 for the first line. */
  readonly lineNo: number;
  readonly productId: string;
  readonly title: string;
  readonly quantity: bigint;
  readonly unitPrice: Money;
  readonly refundedQuantity: bigint;
}

export interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly paymentMethod: PaymentMethod;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** What was given back, in the currency of `total`. */
  readonly refunded: bigint;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When an unpaid order expires, ms since the epoch. */
  readonly expiresAt: number;
  /** The registered reason why the order failed; empty otherwise. */
  readonly failureReason: string;
}

/** Cart lines at today's prices. Throws `UNKNOWN_PRODUCTS` or `PRICE_CHANGED` with all products that are concerned. */
export function priceCart(cart: readonly CartLine[], offers: ReadonlyMap<string, Offer>): OrderLine[] {
  const unknown = new Set(cart.filter(({ productId }) => !offers.has(productId)).map(({ productId }) => productId));
  if (unknown.size > 0) throw OrderErrors.UNKNOWN_PRODUCTS({ products: named([...unknown]) });
  const changed = new Set<string>();
  const lines = cart.map(({ productId, quantity, seenPrice }, lineNo) => {
    const { title, price } = offers.get(productId) as Offer;
    if (seenPrice !== undefined && !sameMoney(seenPrice, price)) {
      changed.add(`${productId} (now ${price.amount} ${price.currency})`);
    }
    return { lineNo, productId, title, quantity, unitPrice: price, refundedQuantity: 0n };
  });
  if (changed.size > 0) throw OrderErrors.PRICE_CHANGED({ products: named([...changed]) });
  return lines;
}

/** The sum of all lines. Throws `CURRENCY_MISMATCH` or `AMOUNT_TOO_LARGE`. There is at least one line. */
export function totalOf(lines: readonly OrderLine[]): Money {
  const [first, ...rest] = lines.map(({ unitPrice, quantity }) => multiplyMoney(unitPrice, quantity));
  return rest.reduce(addMoney, first as Money);
}

/** Whether the user may still cancel. Throws `NOT_CANCELLABLE`. */
export function checkCancellable(order: Order): void {
  const { orderId, status } = order;
  if (status !== "awaiting-payment" && status !== "cancelled")
    throw OrderErrors.NOT_CANCELLABLE({ order: orderId, status });
}

/** At most five names, and how many more there are: messages stay readable for an order of a thousand lines. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
