import type { Call, Handler, Method, RpcError } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState, MakeGuard } from "../guard.js";
import { TimeoutErrors } from "./error.js";
import type { TimeoutPolicy } from "./policy.js";

/**
 * The timeout of a whole call: brings the call's own deadline forward, which costs one entry in the shared timers, is
 * sent to the server, and is what everything further in counts with.
 *
 * When it passes, the call that it stands on fails at once. A layer further out that wants to answer instead (fallback)
 * must run what is inside on an `attempt`, which then is what fails.
 */
export const makeTimeout: MakeGuard<TimeoutPolicy> = (policy, enforcement, context) =>
  new RequestTimeout(policy, enforcement, context);

/** The timeout of each try: stands inside retry and hedge, where every call is a try. */
export const makeTryTimeout: MakeGuard<TimeoutPolicy> = (policy, enforcement, context) =>
  new TryTimeout(policy, enforcement, context);

abstract class Timeout implements Guard<TimeoutPolicy> {
  protected limitMs = 0;
  protected shadow = false;
  protected readonly context: GuardContext;
  #passed = 0;

  constructor(context: GuardContext) {
    this.context = context;
  }

  abstract wrap(next: Handler, method: Method): Handler;
  protected abstract limitOf(policy: TimeoutPolicy): number;
  protected abstract error(parameters: Readonly<Record<string, string>>): RpcError;

  reload(policy: TimeoutPolicy, enforcement: Enforcement): void {
    this.limitMs = this.limitOf(policy);
    this.shadow = enforcement === "shadow";
  }

  state(): GuardState {
    return { limitMs: this.limitMs, timedOut: this.#passed };
  }

  close(): void {}

  /** Shadow: what the limit would have cut is seen when the call ends. */
  protected watch(call: Call, endOf: (call: Call) => number): void {
    const { limitMs } = this;
    call.onSettle((_, ended) => {
      if (endOf(ended) - ended.startedAt > limitMs) this.happened();
    });
  }

  protected readonly expired = (call: Call): RpcError => this.timedOut(call, call.deadline - call.startedAt);

  /** The limit that the call was admitted with: a reload may have changed it. */
  protected timedOut(call: Call, limitMs: number): RpcError {
    this.happened();
    call.event("timed out", { rule: this.context.rule });
    return this.error({ method: call.name, limit: String(limitMs), rule: this.context.rule });
  }

  private happened(): void {
    this.#passed++;
    this.context.report.happened("timed-out");
  }
}

class RequestTimeout extends Timeout {
  constructor(policy: TimeoutPolicy, enforcement: Enforcement, context: GuardContext) {
    super(context);
    this.reload(policy, enforcement);
  }

  /** Hot path: reads no clock, allocates nothing (bench `govern`). */
  wrap(next: Handler): Handler {
    return (request, call) => {
      const { limitMs } = this;
      if (limitMs > 0) {
        if (this.shadow) this.watch(call, endOf);
        else call.shortenDeadline(call.startedAt + limitMs, this.expired);
      }
      return next(request, call);
    };
  }

  protected limitOf(policy: TimeoutPolicy): number {
    return policy.timeoutMs ?? 0;
  }

  protected error(parameters: Readonly<Record<string, string>>): RpcError {
    return TimeoutErrors.TIMED_OUT(parameters);
  }
}

class TryTimeout extends Timeout {
  constructor(policy: TimeoutPolicy, enforcement: Enforcement, context: GuardContext) {
    super(context);
    this.reload(policy, enforcement);
  }

  wrap(next: Handler, method: Method): Handler {
    return (request, call) => {
      const { limitMs } = this;
      if (limitMs > 0) {
        if (this.shadow) this.watch(call, method.serverStreams ? answeredAt : endOf);
        else if (method.serverStreams) this.#untilFirstMessage(call);
        else call.shortenDeadline(call.startedAt + limitMs, this.expired);
      }
      return next(request, call);
    };
  }

  protected limitOf(policy: TimeoutPolicy): number {
    return policy.perTryMs ?? 0;
  }

  protected error(parameters: Readonly<Record<string, string>>): RpcError {
    return TimeoutErrors.TRY_TIMED_OUT(parameters);
  }

  /** A stream may be long, so its deadline stays and only its first message is waited for. */
  #untilFirstMessage(call: Call): void {
    const { limitMs } = this;
    const cut = (): void => {
      if (!call.settled && call.firstMessageAt === 0) call.abort(this.timedOut(call, limitMs));
    };
    call.onSettle(call.runtime.clock.timer(limitMs, cut, { background: true }));
  }
}

const endOf = (call: Call): number => call.runtime.clock.now();
const answeredAt = (call: Call): number => (call.firstMessageAt === 0 ? endOf(call) : call.firstMessageAt);
