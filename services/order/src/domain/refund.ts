import { addMoney, type Money, multiplyMoney } from "@sampan/core";
import { OrderErrors } from "./errors.js";
import type { Order, OrderLine } from "./order.js";

export type RefundStatus = "pending" | "done" | "failed";

/** So many pieces of one order line. */
export interface RefundedLine {
  readonly lineNo: number;
  readonly productId: string;
  readonly quantity: bigint;
}

export interface Refund {
  readonly refundId: string;
  readonly orderId: string;
  readonly lines: readonly RefundedLine[];
  readonly amount: Money;
  readonly status: RefundStatus;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Which pieces of which lines a refund takes, at the prices that were paid. `wanted` empty means everything that is
 * left. A product on several lines is taken from the first line that has pieces left.
 * Throws `NOT_REFUNDABLE` or `REFUND_TOO_MUCH`.
 */
export function planRefund(
  order: Order,
  wanted: readonly { readonly productId: string; readonly quantity: bigint }[],
): { readonly lines: readonly RefundedLine[]; readonly amount: Money } {
  if (order.status !== "confirmed") throw OrderErrors.NOT_REFUNDABLE({ order: order.orderId, status: order.status });
  const left = new Map(order.lines.map((line) => [line.lineNo, line.quantity - line.refundedQuantity]));
  const taken = new Map<number, RefundedLine>();
  const take = (line: OrderLine, quantity: bigint): void => {
    if (quantity === 0n) return;
    left.set(line.lineNo, (left.get(line.lineNo) ?? 0n) - quantity);
    const before = taken.get(line.lineNo)?.quantity ?? 0n;
    taken.set(line.lineNo, { lineNo: line.lineNo, productId: line.productId, quantity: before + quantity });
  };
  if (wanted.length === 0) for (const line of order.lines) take(line, left.get(line.lineNo) ?? 0n);
  for (const { productId, quantity } of wanted) {
    let missing = quantity;
    for (const line of order.lines.filter((each) => each.productId === productId)) {
      const available = left.get(line.lineNo) ?? 0n;
      const pieces = available < missing ? available : missing;
      take(line, pieces);
      missing -= pieces;
    }
    if (missing > 0n) {
      throw OrderErrors.REFUND_TOO_MUCH({
        order: order.orderId,
        product: productId,
        wanted: String(quantity),
        left: String(quantity - missing),
      });
    }
  }
  const lines = [...taken.values()];
  if (lines.length === 0) throw OrderErrors.NOT_REFUNDABLE({ order: order.orderId, status: "fully refunded" });
  const prices = new Map(order.lines.map((line) => [line.lineNo, line.unitPrice]));
  const amounts = lines.map(({ lineNo, quantity }) => multiplyMoney(prices.get(lineNo) as Money, quantity));
  return { lines, amount: amounts.slice(1).reduce(addMoney, amounts[0] as Money) };
}
