import { type Call, type Handler, type Method, RpcError } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { isQueuedCall } from "../queued-call.js";
import type { GuardKind } from "../rules/section.js";
import { hasStatus, type StatusSet, statusSet } from "../status-words.js";
import { LastGood } from "./last-good.js";
import { type FallbackPorts, type Plan, planFor } from "./plan.js";
import { defaultOn, type FallbackPolicy, fallbackSection } from "./policy.js";

export function fallbackKind(ports: FallbackPorts = {}): GuardKind<FallbackPolicy> {
  return {
    section: fallbackSection,
    make: (policy, enforcement, context) => new FallbackGuard(policy, enforcement, context, ports),
  };
}

/** Why a fallback cannot act on a method; undefined when it can. A guard leaves such a method's errors as they are. */
export function fallbackMisfit(policy: FallbackPolicy, method: Method, ports: FallbackPorts = {}): string | undefined {
  const plan = planFor(policy, method, ports, new LastGood(1, 0));
  return typeof plan === "string" ? plan : undefined;
}

/** Bounds of the answers that are kept while the policy keeps none. */
const nothingKept = { maxEntries: 0, maxBytes: 0 };

class FallbackGuard implements Guard<FallbackPolicy> {
  #policy: FallbackPolicy;
  #shadow: boolean;
  #statuses: StatusSet = 0;
  #reasons: ReadonlySet<string> = new Set();
  readonly #context: GuardContext;
  readonly #ports: FallbackPorts;
  readonly #lastGood: LastGood;

  constructor(policy: FallbackPolicy, enforcement: Enforcement, context: GuardContext, ports: FallbackPorts) {
    const { maxEntries, maxBytes } = policy.lastGood ?? nothingKept;
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#context = context;
    this.#ports = ports;
    this.#lastGood = new LastGood(maxEntries, maxBytes);
    this.#readOn();
  }

  /** Hot: bench `govern`. */
  wrap(next: Handler, method: Method): Handler {
    if (method.kind !== "unary") return next;
    let planned: FallbackPolicy | undefined;
    let plan: Plan | undefined;
    return (request, call) => {
      if (planned !== this.#policy) {
        planned = this.#policy;
        const made = planFor(planned, method, this.#ports, this.#lastGood);
        plan = typeof made === "string" ? undefined : made;
      }
      return plan === undefined ? next(request, call) : this.#run(plan, next, request, call);
    };
  }

  reload(policy: FallbackPolicy, enforcement: Enforcement): void {
    // What was kept for every user must not be found by a policy that keeps answers by user, and other fields make
    // other keys; both are so already, so everything that is kept stays.
    const { maxEntries, maxBytes } = policy.lastGood ?? nothingKept;
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#lastGood.reload(maxEntries, maxBytes);
    this.#readOn();
  }

  state(): GuardState {
    return { kept: this.#lastGood.entries, keptBytes: this.#lastGood.bytes };
  }

  close(): void {
    this.#lastGood.clear();
  }

  #readOn(): void {
    const on = this.#policy.on ?? defaultOn(this.#policy);
    this.#statuses = statusSet(on);
    this.#reasons = new Set(on.filter((word) => /^[A-Z]/.test(word)));
  }

  #run(plan: Plan, next: Handler, request: unknown, call: Call): unknown {
    const key = plan.keyOf === undefined ? "" : plan.keyOf(request, call);
    let result: unknown;
    try {
      result = next(request, call);
    } catch (thrown) {
      return this.#recover(plan, request, call, key, thrown);
    }
    if (typeof (result as PromiseLike<unknown>)?.then === "function") {
      return (result as PromiseLike<unknown>).then(
        plan.keep === undefined ? undefined : (response) => this.#keep(plan, call, key, response),
        (thrown: unknown) => this.#recover(plan, request, call, key, thrown),
      );
    }
    return this.#keep(plan, call, key, result);
  }

  #keep(plan: Plan, call: Call, key: string, response: unknown): unknown {
    if (plan.keep === undefined || call.settled || response === undefined || response === null) return response;
    plan.keep(key, response, this.#context.clock.monotonic());
    return response;
  }

  #recover(plan: Plan, request: unknown, call: Call, key: string, thrown: unknown): unknown {
    // An aborted call has settled already: nobody would see another answer.
    if (call.settled || !this.#actsOn(RpcError.from(thrown)) || isQueuedCall(call)) throw thrown;
    const { report, clock } = this.#context;
    if (this.#shadow) {
      report.happened(`would-be-${plan.answered}`);
      throw thrown;
    }
    // The first error says what is wrong; that the way out failed too is counted.
    const failed = (): never => {
      report.happened("fallback-failed");
      throw thrown;
    };
    let answer: unknown;
    try {
      answer = plan.answer(request, call, key, clock.monotonic());
    } catch {
      return failed();
    }
    if (answer === undefined) throw thrown;
    if (typeof (answer as PromiseLike<unknown>).then !== "function") {
      report.happened(plan.answered);
      return answer;
    }
    return (answer as PromiseLike<unknown>).then((response) => {
      report.happened(plan.answered);
      return response;
    }, failed);
  }

  #actsOn(error: RpcError): boolean {
    return hasStatus(this.#statuses, error.code) || (this.#reasons.size > 0 && this.#reasons.has(error.reason));
  }
}
