import type { Entry } from "../domain/difference.js";
import type { SideSums } from "../reconciliation-store.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Adds up one side, by currency. */
export class SumsByCurrency {
  readonly #sums = new Map<string, Mutable<SideSums>>();

  add({ kind, amount: { amount, currency } }: Pick<Entry, "kind" | "amount">): void {
    let sums = this.#sums.get(currency);
    if (sums === undefined) {
      sums = { currency, payments: 0n, paid: 0n, refunds: 0n, refunded: 0n };
      this.#sums.set(currency, sums);
    }
    if (kind === "payment") {
      sums.payments++;
      sums.paid += amount;
    } else {
      sums.refunds++;
      sums.refunded += amount;
    }
  }

  list(): SideSums[] {
    return [...this.#sums.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }
}
