import type { Difference, DifferenceKind } from "../domain/difference.js";
import type { RunStore } from "../reconciliation-store.js";

/** Writes the differences of a run as they are found, in the order in which they are found, and counts them. */
export class DifferenceLog {
  readonly counts = new Map<DifferenceKind, bigint>();
  readonly #store: RunStore;
  readonly #pageEntries: number;
  #waiting: Difference[] = [];
  #written = 0;

  constructor(store: RunStore, pageEntries: number) {
    this.#store = store;
    this.#pageEntries = pageEntries;
  }

  async add(difference: Difference): Promise<void> {
    this.counts.set(difference.kind, (this.counts.get(difference.kind) ?? 0n) + 1n);
    this.#waiting.push(difference);
    if (this.#waiting.length >= this.#pageEntries) await this.flush();
  }

  async flush(): Promise<void> {
    const found = this.#waiting;
    if (found.length === 0) return;
    this.#waiting = [];
    await this.#store.writeDifferences(found, this.#written);
    this.#written += found.length;
  }
}
