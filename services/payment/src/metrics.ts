import type { Clock } from "@sampan/core";
import type { Meter } from "@sampan/core/ports";
import { type DifferenceKind, differenceKinds } from "./domain/difference.js";
import type { Waiting } from "./payment-store.js";

/** What an operator's alerts look at. */
export interface PaymentMetrics {
  waiting(waiting: Waiting): void;
  refusedCallback(reason: string): void;
  reconciled(day: string, counts: ReadonlyMap<DifferenceKind, bigint>): void;
}

export function paymentMetrics(meter: Meter, clock: Clock): PaymentMetrics {
  const gauge = (name: string, help: string) => meter.gauge({ name: `payment_${name}`, help });
  const payOrders = gauge("orders_waiting", "Pay orders that the platform has not told the end of.");
  const oldest = gauge("orders_waiting_oldest_seconds", "How long the oldest of them has waited.");
  const processing = gauge("refunds_open", "Refunds that the platform works on.");
  const abnormal = gauge("refunds_abnormal", "Refunds that a person must settle on the merchant platform.");
  const irregularities = gauge("irregularities", "Things from the platform that do not fit the books.");
  const reconciledAt = gauge("reconciliation_finished_timestamp_seconds", "When a day was last reconciled.");
  const differences = (kind: string) =>
    meter.gauge(
      { name: "payment_reconciliation_differences", help: "Differences of the day that was reconciled last." },
      { kind },
    );
  return {
    waiting(waiting) {
      payOrders.set(waiting.payOrders);
      const { oldestPayOrder } = waiting;
      oldest.set(oldestPayOrder === undefined ? 0 : Math.max(0, clock.now() - oldestPayOrder) / 1000);
      processing.set(waiting.refundsOpen);
      abnormal.set(waiting.refundsAbnormal);
      irregularities.set(waiting.irregularities);
    },
    refusedCallback(reason) {
      const name = "payment_callbacks_refused_total";
      meter.counter({ name, help: "Callbacks that were refused, by reason." }, { reason }).add();
    },
    reconciled(_, counts) {
      for (const kind of differenceKinds) differences(kind).set(Number(counts.get(kind) ?? 0n));
      reconciledAt.set(clock.now() / 1000);
    },
  };
}
