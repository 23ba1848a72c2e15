import { type Call, Code, type Handler, type Method, type RpcError, retryAfter } from "@sampan/core";
import type { EndpointGuard, EndpointHealth } from "../endpoint-health.js";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { Refusals } from "../refusals.js";
import { hasStatus, type StatusSet, statusSet } from "../status-words.js";
import { Breaker, REFUSED, type Ticket } from "./breaker.js";
import { EndpointBreakers } from "./endpoint-breakers.js";
import { EndpointGate } from "./endpoint-gate.js";
import { BreakerErrors } from "./error.js";
import type { BreakerPolicy } from "./policy.js";

/** A breaker around methods; with `per: endpoint` it lets every call through, and `health` is for the balancer. */
export interface BreakerGuard extends Guard<BreakerPolicy>, EndpointGuard {
  readonly endpoints: EndpointBreakers;
}

export function makeBreaker(policy: BreakerPolicy, enforcement: Enforcement, context: GuardContext): BreakerGuard {
  return new BreakerLayer(policy, enforcement, context);
}

/** What the hint says while probes are out: nobody knows how long they take. */
const longestProbeWaitMs = 1000;

class BreakerLayer implements BreakerGuard {
  readonly endpoints: EndpointBreakers;
  readonly health: EndpointHealth;
  readonly #context: GuardContext;
  readonly #breaker: Breaker;
  readonly #open: Refusals;
  readonly #halfOpen: Refusals;
  #policy: BreakerPolicy;
  #on: StatusSet;
  #shadow: boolean;
  #perEndpoint: boolean;
  #measures: boolean;

  constructor(policy: BreakerPolicy, enforcement: Enforcement, context: GuardContext) {
    this.#context = context;
    this.#breaker = new Breaker(policy);
    this.endpoints = new EndpointBreakers(policy, policy.maxEndpoints);
    this.health = new EndpointGate({
      breakers: this.endpoints,
      giveUpMs: () => this.#policy.openMs,
      shadow: () => this.#shadow,
      refused: () => context.report.refused("endpoint-open"),
      happened: (what) => context.report.happened(what),
    });
    const { rule, scope } = context;
    const refusals = (state: string): Refusals =>
      new Refusals((retryMs) => BreakerErrors.BREAKER_OPEN({ scope, rule, state }, { details: [retryAfter(retryMs)] }));
    this.#open = refusals("open");
    this.#halfOpen = refusals("half-open");
    this.#policy = policy;
    this.#on = statusSet(policy.on);
    this.#shadow = enforcement === "shadow";
    this.#perEndpoint = policy.per === "endpoint";
    this.#measures = policy.slow !== undefined;
  }

  /** Hot path, while closed: one listener that all calls share, or a closure when times count (bench `govern`). */
  wrap(next: Handler, _method: Method): Handler {
    const breaker = this.#breaker;
    return (request, call) => {
      if (this.#perEndpoint) return next(request, call);
      if (!breaker.closed) return this.#whileNotClosed(next, request, call);
      if (this.#measures) {
        this.#measure(call);
      } else {
        call.began();
        call.onSettle(this.#ended);
      }
      return next(request, call);
    };
  }

  reload(policy: BreakerPolicy, enforcement: Enforcement): void {
    this.#policy = policy;
    this.#on = statusSet(policy.on);
    this.#shadow = enforcement === "shadow";
    this.#perEndpoint = policy.per === "endpoint";
    this.#measures = policy.slow !== undefined;
    this.#breaker.reload(policy);
    this.endpoints.reload(policy, policy.maxEndpoints);
  }

  state(): GuardState {
    if (this.#perEndpoint) return { endpoints: this.endpoints.size, open: this.endpoints.open };
    const { state, probesOut, counts } = this.#breaker;
    const waitMs = this.#breaker.waitMs(this.#context.clock.monotonic());
    return { state, ...counts, ...(state === "open" ? { waitMs } : {}), ...(probesOut > 0 ? { probesOut } : {}) };
  }

  close(): void {}

  readonly #ended = (error: RpcError | undefined, call: Call): void => {
    const took = call.elapsed();
    const began = call.began();
    this.#record(error, call, took, began, began + took);
  };

  /** With a clock reading of its own: `elapsed` would count what the call has waited for further out. */
  #measure(call: Call): void {
    const { clock } = this.#context;
    const began = clock.monotonic();
    call.onSettle((error, ended) => {
      const now = clock.monotonic();
      this.#record(error, ended, tookMs(ended, now - began), began, now);
    });
  }

  #record(error: RpcError | undefined, call: Call, took: number, began: number, now: number): void {
    const failed = error !== undefined && hasStatus(this.#on, error.code);
    if (error !== undefined && !failed && this.#saysNothing(error, call, took)) return;
    if (!this.#breaker.record(failed, took, began, now)) return;
    this.#context.report.happened("opened");
    call.event("breaker opened", { rule: this.#context.rule });
  }

  /** Cancelled, or never sent for a reason that is not the callee's; a cancelled call that was slow already was slow. */
  #saysNothing(error: RpcError, call: Call, took: number): boolean {
    if (call.unprocessed) return true;
    if (error.code !== Code.Canceled) return false;
    const { slow } = this.#policy;
    return slow === undefined || took <= slow.aboveMs;
  }

  #whileNotClosed(next: Handler, request: unknown, call: Call): unknown {
    const { clock, report } = this.#context;
    const now = clock.monotonic();
    const breaker = this.#breaker;
    const before = breaker.state;
    const ticket = breaker.admit(now);
    if (ticket === REFUSED) {
      report.refused(breaker.state);
      if (this.#shadow) return next(request, call);
      throw this.#refusal(call, now);
    }
    if (before === "open") report.happened("half-open");
    call.onSettle((error, ended) => this.#probed(ticket, error, ended, now));
    return next(request, call);
  }

  #probed(ticket: Ticket, error: RpcError | undefined, call: Call, began: number): void {
    const { clock, report } = this.#context;
    const now = clock.monotonic();
    const took = tookMs(call, now - began);
    const failed = error !== undefined && hasStatus(this.#on, error.code);
    const before = this.#breaker.state;
    if (error !== undefined && !failed && this.#saysNothing(error, call, took)) this.#breaker.gaveUp(ticket, now);
    else this.#breaker.probed(ticket, failed, took, now);
    const { state } = this.#breaker;
    if (state !== before) report.happened(state === "open" ? "opened" : "closed");
  }

  #refusal(call: Call, now: number): RpcError {
    const { rule } = this.#context;
    const { state } = this.#breaker;
    const waitMs = state === "open" ? this.#breaker.waitMs(now) : Math.min(longestProbeWaitMs, this.#policy.openMs);
    call.unprocessed = true;
    call.event("breaker refused", { rule, state });
    return (state === "open" ? this.#open : this.#halfOpen).after(waitMs);
  }
}

/** A response stream is as slow as its first message. */
function tookMs(call: Call, elapsed: number): number {
  if (call.method?.serverStreams !== true || call.firstMessageAt === 0) return elapsed;
  return Math.max(0, call.firstMessageAt - call.startedAt);
}
