import type { Target } from "../client/target.js";
import { inParallel } from "./in-parallel.js";
import type { Plan, PlannedOrder } from "./plan.js";
import { Progress } from "./progress.js";
import { type Placed, Refused, Shop } from "./shop.js";

export interface ReplayOutcome {
  /** Milliseconds from sending to confirmed, of each order that was confirmed. */
  readonly latencies: readonly number[];
  /** Milliseconds from the first order to the last. */
  readonly elapsedMs: number;
  readonly refunds: number;
  /** What the platform did not accept: orders and refunds by their invoice, with the reason. */
  readonly refused: readonly { readonly invoice: string; readonly reason: string }[];
  /** What was booked between the start and the end of the replay. */
  readonly ledger: { readonly charged: bigint; readonly refunded: bigint; readonly payments: bigint };
  /** Products whose pieces are not where they should be. */
  readonly misplaced: readonly string[];
}

export interface ReplayOptions {
  readonly target: Target;
  readonly plan: Plan;
  readonly concurrency: number;
  /** Added to ids; empty for a platform of the replay's own. */
  readonly run: string;
}

/** Sends a plan through the gateway: products, stock, customers, orders with payment, refunds. */
export async function replayPlan({ target, plan, concurrency, run }: ReplayOptions): Promise<ReplayOutcome> {
  const shop = new Shop(target, run, concurrency);
  try {
    await shop.open();
    const before = await shop.ledger();
    await shop.stock([...plan.products.values()]);
    await shop.welcome([...new Set(plan.orders.map((order) => order.customer))], concurrency);

    const placed = new Map<string, Placed>();
    const latencies: number[] = [];
    const refused: { invoice: string; reason: string }[] = [];
    const progress = new Progress("orders", plan.orders.length);
    const started = performance.now();
    const numbered = plan.orders.map((order, index) => ({ order, byWallet: index % 2 === 0 }));
    await inParallel(numbered, concurrency, async ({ order, byWallet }) => {
      try {
        const done = await shop.place(order, byWallet);
        placed.set(order.invoice, done.placed);
        latencies.push(done.ms);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.push({ invoice: order.invoice, reason: error.message });
      }
      progress.advance();
    });
    const elapsedMs = performance.now() - started;
    progress.end();

    let refunds = 0;
    const refunding = new Progress("refunds", plan.refunds.length);
    await inParallel(plan.refunds, concurrency, async (refund) => {
      const order = placed.get(refund.invoice);
      try {
        if (order === undefined) throw new Refused("its order was refused");
        await shop.refund(refund, order);
        refunds++;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.push({ invoice: refund.cancellation, reason: error.message });
      }
      refunding.advance();
    });
    refunding.end();

    const after = await shop.ledger();
    const ledger = {
      charged: after.charged - before.charged,
      refunded: after.refunded - before.refunded,
      payments: after.payments - before.payments,
    };
    const confirmed = plan.orders.filter((order) => placed.has(order.invoice));
    const misplaced = await misplacedPieces(shop, plan, confirmed);
    return { latencies, elapsedMs, refunds, refused, ledger, misplaced };
  } finally {
    shop.close();
  }
}

/** Everything that was stocked must be sold or on the shelf, and as much sold as the orders minus the refunds say. */
async function misplacedPieces(shop: Shop, plan: Plan, confirmed: readonly PlannedOrder[]): Promise<string[]> {
  const sold = new Map<string, bigint>();
  const count = (lines: readonly { readonly productId: string; readonly quantity: bigint }[], sign: bigint): void => {
    for (const { productId, quantity } of lines) sold.set(productId, (sold.get(productId) ?? 0n) + sign * quantity);
  };
  const invoices = new Set(confirmed.map((order) => order.invoice));
  for (const order of confirmed) count(order.lines, 1n);
  for (const refund of plan.refunds) if (invoices.has(refund.invoice)) count(refund.lines, -1n);
  const levels = await shop.levels();
  const misplaced: string[] = [];
  for (const { productId, stock } of plan.products.values()) {
    const level = levels.get(shop.productId(productId));
    const right = level !== undefined && level.reserved === 0n && level.sold === (sold.get(productId) ?? 0n);
    if (!right || level.available + level.sold !== stock) misplaced.push(productId);
  }
  return misplaced;
}
