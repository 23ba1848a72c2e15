import type { Handler } from "@sampan/core";
import type { EndpointGuard, EndpointHealth } from "../endpoint-health.js";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { OutlierDetector } from "./outlier-detector.js";
import type { OutlierPolicy } from "./policy.js";

/** Lets every call through as it came: what it decides is for the balancer, as `health`. */
export interface OutlierGuard extends Guard<OutlierPolicy>, EndpointGuard {}

export function makeOutlier(policy: OutlierPolicy, enforcement: Enforcement, context: GuardContext): OutlierGuard {
  return new OutlierLayer(policy, enforcement, context);
}

class OutlierLayer implements OutlierGuard, EndpointHealth {
  readonly #context: GuardContext;
  readonly #detector: OutlierDetector;
  #shadow: boolean;

  constructor(policy: OutlierPolicy, enforcement: Enforcement, context: GuardContext) {
    this.#context = context;
    this.#shadow = enforcement === "shadow";
    this.#detector = new OutlierDetector(policy, (_, why) => context.report.happened(`ejected-${why}`));
  }

  get health(): EndpointHealth {
    return this;
  }

  healthy(address: string, now: number): boolean {
    return this.#detector.healthy(address, now) || this.#shadow;
  }

  outcome(address: string, ok: boolean, tookMs: number, now: number): void {
    this.#detector.outcome(address, ok, tookMs, now);
  }

  retain(addresses: ReadonlySet<string>): void {
    this.#detector.retain(addresses);
  }

  wrap(next: Handler): Handler {
    return next;
  }

  reload(policy: OutlierPolicy, enforcement: Enforcement): void {
    this.#shadow = enforcement === "shadow";
    this.#detector.reload(policy);
  }

  state(): GuardState {
    return { endpoints: this.#detector.size, ejected: this.#detector.ejectedAt(this.#context.clock.monotonic()) };
  }

  close(): void {}
}
