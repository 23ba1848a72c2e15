import type { Call, Expiring } from "@sampan/core";

/** Waits beside a call to see whether it would have been hedged. */
export class ShadowHedge implements Expiring {
  deadlinePlace: number = -1;
  readonly deadline: number;
  readonly #call: Call;
  readonly #slow: (call: Call) => void;

  constructor(call: Call, afterMs: number, slow: (call: Call) => void) {
    const { clock, deadlines } = call.runtime;
    this.#call = call;
    this.#slow = slow;
    this.deadline = clock.now() + afterMs;
    deadlines.add(this);
    call.onSettle(() => deadlines.remove(this));
  }

  expire(): void {
    if (!this.#call.settled && this.#call.firstMessageAt === 0) this.#slow(this.#call);
  }
}
