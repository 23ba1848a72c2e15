import { adoptHeaders, adoptTrailers, attempt, type Call, type Handler, isPromise, type Method } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { type FailedCall, previousAttempts } from "../retry/failed-call.js";
import { ReplayRequests } from "../retry/replay-requests.js";
import { TryBudget } from "../retry/try-budget.js";
import { UsualTime } from "../retry/usual-time.js";
import { statusSet } from "../status-words.js";
import { beginStream, type FirstMessage, HedgedStream } from "./hedged-stream.js";
import type { HedgePolicy } from "./policy.js";
import { Race, type RaceRules } from "./race.js";
import { RecentTimes } from "./recent-times.js";
import { ShadowHedge } from "./shadow-hedge.js";

/**
 * Hedging with a budget of its own, or with the one of the same rule's retry: that stands further out and pays in for
 * each call, so then this one only takes. Methods that may not be repeated pass as they come.
 */
export function makeHedge(
  policy: HedgePolicy,
  enforcement: Enforcement,
  context: GuardContext,
  shared?: TryBudget,
): Guard<HedgePolicy> {
  return new HedgeLayer(policy, enforcement, context, shared);
}

class HedgeLayer implements Guard<HedgePolicy> {
  readonly #context: GuardContext;
  readonly #budget: TryBudget;
  readonly #ownsBudget: boolean;
  readonly #recent: RecentTimes;
  readonly #usual = new UsualTime();
  #policy: HedgePolicy;
  #rules: RaceRules;
  #shadow: boolean;
  #hedges = 0;

  constructor(policy: HedgePolicy, enforcement: Enforcement, context: GuardContext, shared: TryBudget | undefined) {
    this.#context = context;
    this.#budget = shared ?? new TryBudget(policy.budget);
    this.#ownsBudget = shared === undefined;
    this.#recent = new RecentTimes(policy.percentile ?? 95);
    this.#policy = policy;
    this.#rules = this.#rulesOf(policy);
    this.#shadow = enforcement === "shadow";
  }

  wrap(next: Handler, method: Method): Handler {
    return (request, call) => {
      if (!method.idempotent && !this.#policy.evenIfNotIdempotent) return next(request, call);
      if (this.#ownsBudget) this.#budget.deposit();
      if (this.#shadow) return this.#watch(next, request, call);
      return method.serverStreams
        ? this.#stream(next, method, request, call)
        : this.#unary(next, method, request, call);
    };
  }

  reload(policy: HedgePolicy, enforcement: Enforcement): void {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#recent.percentile = policy.percentile ?? 95;
    this.#rules = this.#rulesOf(policy);
    if (this.#ownsBudget) this.#budget.reload(policy.budget);
  }

  state(): GuardState {
    return { afterMs: this.#afterMs(), budget: Math.floor(this.#budget.tokens), hedges: this.#hedges };
  }

  close(): void {}

  #unary(next: Handler, method: Method, request: unknown, call: Call): unknown {
    const requests = this.#replay(method, request, call);
    const begin = (attempt: Call, race: Race<unknown>): void => {
      const won = (response: unknown): void => {
        if (!race.answered(attempt, response)) return;
        adoptHeaders(attempt, call);
        adoptTrailers(attempt, call);
        attempt.settle();
      };
      try {
        const result = next(requests?.open(attempt) ?? request, attempt);
        if (isPromise(result)) result.then(won, (thrown: unknown) => race.failed(attempt, thrown));
        else won(result);
      } catch (thrown) {
        race.failed(attempt, thrown);
      }
    };
    return new Race(this.#rulesNow(), call, requests, firstOf(call), begin).answer;
  }

  #stream(next: Handler, method: Method, request: unknown, call: Call): unknown {
    const requests = this.#replay(method, request, call);
    const open = (attempt: Call): AsyncIterator<unknown> =>
      (next(requests?.open(attempt) ?? request, attempt) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const begin = (attempt: Call, race: Race<FirstMessage>): void => beginStream(open, attempt, race);
    return new HedgedStream(new Race(this.#rulesNow(), call, requests, firstOf(call), begin));
  }

  #replay(method: Method, request: unknown, call: Call): ReplayRequests | undefined {
    if (!method.clientStreams) return undefined;
    return new ReplayRequests(request as AsyncIterable<unknown>, this.#policy.replayMessages, call);
  }

  #afterMs(): number {
    const { percentile, afterMs } = this.#policy;
    return percentile === undefined ? afterMs : (this.#recent.value ?? afterMs);
  }

  /** With a percentile the wait moves; without, the rules are made once. */
  #rulesNow(): RaceRules {
    const afterMs = this.#afterMs();
    return afterMs === this.#rules.afterMs ? this.#rules : { ...this.#rules, afterMs };
  }

  #rulesOf(policy: HedgePolicy): RaceRules {
    return {
      attempts: policy.attempts,
      afterMs: this.#afterMs(),
      on: statusSet(policy.on),
      another: (failed) => this.#another(failed),
      answered: (tookMs) => {
        this.#usual.add(tookMs);
        if (this.#policy.percentile !== undefined) this.#recent.add(tookMs);
      },
    };
  }

  #another(failed: FailedCall): Call | undefined {
    const { call, requests } = failed;
    const { rule, report } = this.#context;
    if (requests?.replayable === false) {
      report.happened("not-hedged-requests-not-kept");
      return undefined;
    }
    if (!this.#mayHedge(call)) return undefined;
    const another = attempt(call);
    another.began();
    another.metadata.set(previousAttempts, String(failed.tries));
    failed.tries++;
    this.#hedges++;
    call.event("hedged", { rule, try: String(failed.tries) });
    report.happened("hedged");
    return another;
  }

  #mayHedge(call: Call): boolean {
    const { clock, report } = this.#context;
    if (this.#usual.ms >= call.remaining()) {
      report.happened("not-hedged-deadline");
      return false;
    }
    if (this.#budget.withdraw(clock.monotonic())) return true;
    report.happened("not-hedged-budget");
    return false;
  }

  /** Shadow: one try, and the first hedge that it would have had is reported. */
  #watch(next: Handler, request: unknown, call: Call): unknown {
    call.began();
    call.onSettle((error, ended) => {
      if (error !== undefined) return;
      this.#rules.answered(ended.elapsed());
    });
    new ShadowHedge(call, this.#afterMs(), (slow) => {
      if (this.#mayHedge(slow)) this.#context.report.happened("hedged");
    });
    return next(request, call);
  }
}

function firstOf(call: Call): Call {
  const first = attempt(call);
  first.began();
  return first;
}
