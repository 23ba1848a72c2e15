import { type Call, type Handler, type Method, type RpcError, retryAfter } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { later } from "../later.js";
import { priorities, rankOf } from "../priority.js";
import { Refusals } from "../refusals.js";
import type { GuardKind } from "../rules/section.js";
import { ConcurrencyErrors } from "./error.js";
import { FairQueue, type Waiter } from "./fair-queue.js";
import { type ConcurrencyPolicy, concurrencySection } from "./policy.js";
import { SlotTime } from "./slot-time.js";

export const concurrencyKind: GuardKind<ConcurrencyPolicy> = {
  section: concurrencySection,
  make: (policy, enforcement, context) => new ConcurrencyGuard(policy, enforcement, context),
};

interface Turn {
  start(): void;
  refuse(error: RpcError): void;
}

class ConcurrencyGuard implements Guard<ConcurrencyPolicy> {
  #policy: ConcurrencyPolicy;
  #shadow: boolean;
  readonly #context: GuardContext;
  readonly #queue: FairQueue;
  readonly #turns = new Map<Waiter, Turn>();
  readonly #slots = new SlotTime();
  readonly #full: Refusals;
  readonly #late: Refusals;
  #inFlight = 0;
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  /** One function for all calls: nothing about a call is needed when it ends. */
  readonly #left = (): void => this.#leave();

  constructor(policy: ConcurrencyPolicy, enforcement: Enforcement, context: GuardContext) {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#context = context;
    this.#queue = new FairQueue(policy.queue, priorities.length, weightsOf(policy));
    this.#full = this.#refusals("its queue is full");
    this.#late = this.#refusals("it has waited as long as a call may");
  }

  /** Hot: bench `govern`. */
  wrap(next: Handler, method: Method): Handler {
    return (request, call) => {
      if (this.#inFlight < this.#policy.max || this.#shadow) {
        if (this.#inFlight >= this.#policy.max) this.#context.report.refused("full");
        this.#inFlight++;
        call.onSettle(this.#left);
        return next(request, call);
      }
      return this.#enqueue(next, request, call, method);
    };
  }

  reload(policy: ConcurrencyPolicy, enforcement: Enforcement): void {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#queue.reload(policy.queue, weightsOf(policy));
    this.#startWaiting();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watch();
  }

  state(): GuardState {
    return { inFlight: this.#inFlight, max: this.#policy.max, waiting: this.#queue.size };
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (let waiter = this.#queue.oldest; waiter !== undefined; waiter = this.#queue.oldest) {
      this.#refuse(waiter, this.#late);
    }
  }

  #leave(): void {
    this.#inFlight--;
    if (this.#queue.size > 0) {
      this.#slots.freed(this.#context.clock.monotonic());
      this.#startWaiting();
    }
  }

  #enqueue(next: Handler, request: unknown, call: Call, method: Method): unknown {
    const now = this.#context.clock.monotonic();
    const waiter = this.#queue.waiter(rankOf(this.#policy, method), this.#policy.fair === "tenant" ? call.tenant : "");
    const displaced = this.#closed || this.#policy.queue === 0 ? waiter : this.#queue.join(waiter, now);
    if (displaced === waiter) {
      this.#context.report.refused("full");
      throw this.#full.after(this.#hint());
    }
    const turn = new Promise<void>((resolve, reject) => {
      this.#turns.set(waiter, {
        start: () => {
          call.onSettle(this.#left);
          resolve();
        },
        refuse: reject,
      });
      // Its deadline passed, or its caller went away: it leaves the queue.
      call.onAbort((error) => {
        if (!this.#turns.delete(waiter)) return;
        this.#queue.cancel(waiter);
        reject(error);
      });
    });
    if (displaced !== undefined) this.#refuse(displaced, this.#full);
    this.#context.report.happened("waited");
    this.#watch();
    return later(turn, next, request, call, method);
  }

  #startWaiting(): void {
    while (this.#inFlight < this.#policy.max) {
      const waiter = this.#queue.shift();
      if (waiter === undefined) return;
      const turn = this.#turns.get(waiter);
      this.#turns.delete(waiter);
      this.#inFlight++;
      turn?.start();
    }
  }

  /** One timer for all that wait: the oldest is the first whose time is over. */
  #watch(): void {
    if (this.#cancelTimer !== undefined || this.#closed) return;
    const oldest = this.#queue.oldest;
    if (oldest === undefined) return;
    const now = this.#context.clock.monotonic();
    const left = oldest.queuedAt + this.#policy.maxWaitMs - now;
    this.#cancelTimer = this.#context.clock.timer(
      Math.max(0, left),
      () => {
        this.#cancelTimer = undefined;
        this.#refuseLate();
        this.#watch();
      },
      { background: true },
    );
  }

  #refuseLate(): void {
    const limit = this.#context.clock.monotonic() - this.#policy.maxWaitMs;
    for (let waiter = this.#queue.oldest; waiter !== undefined; waiter = this.#queue.oldest) {
      if (waiter.queuedAt > limit) return;
      this.#refuse(waiter, this.#late);
    }
  }

  #refuse(waiter: Waiter, why: Refusals): void {
    const turn = this.#turns.get(waiter);
    this.#turns.delete(waiter);
    this.#queue.cancel(waiter);
    this.#context.report.refused(why === this.#full ? "full" : "waited-too-long");
    turn?.refuse(why.after(this.#hint()));
  }

  /** When a newcomer would get a slot, as fast as slots have become free lately. */
  #hint(): number {
    return this.#slots.expectedMs(this.#queue.size + 1);
  }

  #refusals(why: string): Refusals {
    const { rule, scope } = this.#context;
    return new Refusals((retryMs) =>
      ConcurrencyErrors.TOO_MANY_IN_FLIGHT({ scope, rule, why }, { details: [retryAfter(retryMs)] }),
    );
  }
}

function weightsOf(policy: ConcurrencyPolicy): ReadonlyMap<string, number> {
  return new Map(Object.entries(policy.weights));
}
