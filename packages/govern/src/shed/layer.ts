import { type Call, type Clock, type Handler, type Method, type RpcError, retryAfter } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { rankOf } from "../priority.js";
import { Refusals } from "../refusals.js";
import type { GuardKind } from "../rules/section.js";
import { ShedErrors } from "./error.js";
import { type LoopSignal, LoopWatch } from "./loop-watch.js";
import { type ShedPolicy, shedSection } from "./policy.js";
import { Shedder } from "./shedder.js";

export interface ShedPorts {
  /** What shows how busy the process is; its own watch of the event loop when left out. */
  readonly loop?: LoopSignal;
}

export function shedKind({ loop }: ShedPorts = {}): GuardKind<ShedPolicy> {
  // One for all guards: they share the thread.
  let watch = loop;
  const watched = (clock: Clock): LoopSignal => (watch ??= new LoopWatch(clock));
  return {
    section: shedSection,
    make: (policy, enforcement, context) => new ShedGuard(policy, enforcement, context, watched(context.clock)),
  };
}

class ShedGuard implements Guard<ShedPolicy> {
  #policy: ShedPolicy;
  #shadow: boolean;
  readonly #context: GuardContext;
  readonly #loop: LoopSignal;
  readonly #shedder: Shedder;
  readonly #refusals: Refusals;
  readonly #ended: (error: RpcError | undefined, call: Call) => void;

  constructor(policy: ShedPolicy, enforcement: Enforcement, context: GuardContext, loop: LoopSignal) {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#context = context;
    this.#loop = loop;
    const shedder = new Shedder(policy.maxLoopDelayMs);
    this.#shedder = shedder;
    this.#ended = (_, call) => {
      const took = call.elapsed();
      shedder.ended(took, call.began() + took);
    };
    this.#refusals = new Refusals((retryMs) =>
      ShedErrors.OVERLOADED({ scope: context.scope }, { details: [retryAfter(retryMs)] }),
    );
  }

  /** Hot: bench `govern`. */
  wrap(next: Handler, method: Method): Handler {
    const loop = this.#loop;
    const shedder = this.#shedder;
    let ranked: ShedPolicy | undefined;
    let rank = 0;
    return (request, call) => {
      if (ranked !== this.#policy) {
        ranked = this.#policy;
        rank = rankOf(ranked, method);
      }
      // Outermost, so this is now; and the end of the call asks for it again.
      const now = call.began();
      loop.enter(now);
      if (!shedder.admits(rank, loop, now)) {
        this.#context.report.refused("overloaded");
        if (!this.#shadow) throw this.#refusals.after(this.#policy.retryAfterMs);
      }
      shedder.began();
      call.onSettle(this.#ended);
      return next(request, call);
    };
  }

  reload(policy: ShedPolicy, enforcement: Enforcement): void {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#shedder.reload(policy.maxLoopDelayMs);
  }

  state(): GuardState {
    return { inFlight: this.#shedder.inFlight, loopDelayMs: Math.round(this.#loop.delayMs * 10) / 10 };
  }

  close(): void {
    // Nothing waits, and the watch of the loop stops by itself.
  }
}
