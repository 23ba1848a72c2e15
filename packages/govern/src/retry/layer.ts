import {
  adoptHeaders,
  adoptTrailers,
  attempt,
  type Call,
  type Handler,
  isPromise,
  type Method,
  type RpcError,
} from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { type StatusSet, statusSet } from "../status-words.js";
import { makeTryTimeout } from "../timeout/layer.js";
import type { TimeoutPolicy } from "../timeout/policy.js";
import { FailedCall, pause, previousAttempts } from "./failed-call.js";
import type { RetryPolicy } from "./policy.js";
import { ReplayRequests } from "./replay-requests.js";
import { RetriedStream, type StreamTries } from "./retried-stream.js";
import { decideRetry, ordinary } from "./retry-decision.js";
import { TryBudget } from "./try-budget.js";
import { UsualTime } from "./usual-time.js";

export interface RetryGuard extends Guard<RetryPolicy> {
  readonly budget: TryBudget;
}

/** Retry with a budget of its own, or with one that it shares (and pays into) with the hedge of the same rule. */
export function makeRetry(
  policy: RetryPolicy,
  enforcement: Enforcement,
  context: GuardContext,
  budget: TryBudget = new TryBudget(policy.budget),
): RetryGuard {
  return new RetryLayer(policy, enforcement, context, budget);
}

class RetryLayer implements RetryGuard {
  readonly budget: TryBudget;
  readonly #context: GuardContext;
  readonly #usual = new UsualTime();
  readonly #tryTimeout: Guard<TimeoutPolicy>;
  #policy: RetryPolicy;
  #on: StatusSet;
  #shadow: boolean;
  #retries = 0;

  constructor(policy: RetryPolicy, enforcement: Enforcement, context: GuardContext, budget: TryBudget) {
    this.#context = context;
    this.budget = budget;
    this.#policy = policy;
    this.#on = statusSet(policy.on);
    this.#shadow = enforcement === "shadow";
    this.#tryTimeout = makeTryTimeout(tryTimeoutOf(policy), enforcement, context);
  }

  wrap(next: Handler, method: Method): Handler {
    const inner = this.#tryTimeout.wrap(next, method);
    if (!method.serverStreams) {
      return (request, call) =>
        this.#shadow ? this.#watch(next, method, request, call) : this.#unary(inner, method, request, call);
    }
    return (request, call) =>
      this.#shadow ? this.#watch(next, method, request, call) : this.#stream(inner, method, request, call);
  }

  reload(policy: RetryPolicy, enforcement: Enforcement): void {
    this.#policy = policy;
    this.#on = statusSet(policy.on);
    this.#shadow = enforcement === "shadow";
    this.budget.reload(policy.budget);
    this.#tryTimeout.reload(tryTimeoutOf(policy), enforcement);
  }

  state(): GuardState {
    return { budget: Math.floor(this.budget.tokens), retries: this.#retries, usualMs: Math.round(this.#usual.ms) };
  }

  close(): void {
    this.#tryTimeout.close();
  }

  /** Hot path: the first try, and nothing else made unless it fails (bench `govern`). */
  #unary(next: Handler, method: Method, request: unknown, call: Call): unknown {
    this.budget.deposit();
    const requests = this.#replay(method, request, call);
    const first = attempt(call);
    first.began();
    const again = (thrown: unknown) =>
      this.#again(next, method, request, new FailedCall(call, requests), first, thrown);
    let result: unknown;
    try {
      result = next(requests?.open(first) ?? request, first);
    } catch (thrown) {
      return again(thrown);
    }
    if (!isPromise(result)) return this.#won(first, call, result);
    return result.then((response) => this.#won(first, call, response), again);
  }

  #won(attempt: Call, call: Call, response: unknown): unknown {
    adoptHeaders(attempt, call);
    adoptTrailers(attempt, call);
    attempt.settle();
    this.#usual.add(attempt.elapsed());
    return response;
  }

  async #again(
    next: Handler,
    method: Method,
    request: unknown,
    failed: FailedCall,
    first: Call,
    thrown: unknown,
  ): Promise<unknown> {
    let last = first;
    let error = failed.end(first, thrown);
    for (;;) {
      if (!(await this.#waitFor(failed, method, last, error))) {
        failed.giveUp(last);
        throw error;
      }
      last = this.#another(failed);
      try {
        const response = await next(failed.requests?.open(last) ?? request, last);
        return this.#won(last, failed.call, response);
      } catch (thrownAgain) {
        error = failed.end(last, thrownAgain);
      }
    }
  }

  /** Whether there is another try; resolves when it is time for it. */
  async #waitFor(failed: FailedCall, method: Method, last: Call, error: RpcError): Promise<boolean> {
    const { call } = failed;
    if (call.settled) return false;
    const { clock, random, report, rule } = this.#context;
    const mayRepeat = method.idempotent || this.#policy.evenIfNotIdempotent;
    const facts = failed.describe(last, error, mayRepeat, this.#usual.ms);
    const rules = { attempts: this.#policy.attempts, on: this.#on, backoff: this.#policy.backoff };
    const decided = decideRetry(rules, facts, this.budget, random(), clock.monotonic());
    if (typeof decided === "string") {
      if (!ordinary.has(decided)) report.happened(`not-retried-${decided}`);
      if (decided !== "status") call.event("not retried", { rule, why: decided });
      return false;
    }
    failed.previousMs = decided.backoffMs;
    await pause(call, decided.waitMs);
    return !call.settled;
  }

  #another(failed: FailedCall): Call {
    const next = attempt(failed.call);
    next.metadata.set(previousAttempts, String(failed.tries));
    failed.tries++;
    this.#retries++;
    next.began();
    failed.call.event("retried", { rule: this.#context.rule, try: String(failed.tries) });
    this.#context.report.happened("retried");
    return next;
  }

  #stream(next: Handler, method: Method, request: unknown, call: Call): unknown {
    this.budget.deposit();
    const failed = new FailedCall(call, this.#replay(method, request, call));
    const tries: StreamTries = {
      open: (attempt) =>
        (next(failed.requests?.open(attempt) ?? request, attempt) as AsyncIterable<unknown>)[Symbol.asyncIterator](),
      waitFor: (last, error) => this.#waitFor(failed, method, last, error),
      another: () => this.#another(failed),
      answered: (took) => this.#usual.add(took),
    };
    return new RetriedStream(failed, tries);
  }

  #replay(method: Method, request: unknown, call: Call): ReplayRequests | undefined {
    if (!method.clientStreams) return undefined;
    return new ReplayRequests(request as AsyncIterable<unknown>, this.#policy.replayMessages, call);
  }

  /** Shadow: one try, and what would have followed its failure is reported. The wait and further failures are not known. */
  #watch(next: Handler, method: Method, request: unknown, call: Call): unknown {
    this.budget.deposit();
    call.began();
    call.onSettle((error, ended) => {
      if (error === undefined) {
        this.#usual.add(ended.elapsed());
        return;
      }
      if (ended.aborted || ended.firstMessageAt > 0) return;
      const { clock, random, report } = this.#context;
      const failed = new FailedCall(ended, undefined);
      failed.end(ended, error);
      const mayRepeat = method.idempotent || this.#policy.evenIfNotIdempotent;
      const facts = failed.describe(ended, error, mayRepeat, this.#usual.ms);
      const rules = { attempts: this.#policy.attempts, on: this.#on, backoff: this.#policy.backoff };
      const decided = decideRetry(rules, facts, this.budget, random(), clock.monotonic());
      if (typeof decided !== "string") report.happened("retried");
      else if (!ordinary.has(decided)) report.happened(`not-retried-${decided}`);
    });
    return next(request, call);
  }
}

function tryTimeoutOf({ perTryMs }: RetryPolicy): TimeoutPolicy {
  return perTryMs === undefined ? {} : { perTryMs };
}
