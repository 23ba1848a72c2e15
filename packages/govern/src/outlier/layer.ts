import type { Handler } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { OutlierDetector } from "./outlier-detector.js";
import type { OutlierPolicy } from "./policy.js";

/** What a balancer asks and tells. */
export interface EndpointHealth {
  /** Asked at each pick: whether an endpoint may take a call. */
  healthy(address: string, now: number): boolean;
  /** Told once for each call that went there: whether the endpoint did its work, and how long it took. */
  outcome(address: string, ok: boolean, tookMs: number, now: number): void;
}

/** Lets every call through as it came: what it decides is for the balancer, as `endpoints`. */
export interface OutlierGuard extends Guard<OutlierPolicy> {
  readonly endpoints: EndpointHealth;
  /** The resolver's full set. */
  retain(addresses: ReadonlySet<string>): void;
}

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

  get endpoints(): EndpointHealth {
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
