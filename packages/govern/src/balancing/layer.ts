import type { Handler } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import type { LoadBalancingPolicy } from "./policy.js";

/** Lets every call through as it came: its policy is for the balancer of the service. */
export interface LoadBalancingGuard extends Guard<LoadBalancingPolicy> {
  readonly balancing: LoadBalancingPolicy;
}

export function makeLoadBalancing(
  policy: LoadBalancingPolicy,
  _enforcement: Enforcement,
  _context: GuardContext,
): LoadBalancingGuard {
  return new LoadBalancing(policy);
}

class LoadBalancing implements LoadBalancingGuard {
  balancing: LoadBalancingPolicy;

  constructor(policy: LoadBalancingPolicy) {
    this.balancing = policy;
  }

  wrap(next: Handler): Handler {
    return next;
  }

  reload(policy: LoadBalancingPolicy): void {
    this.balancing = policy;
  }

  state(): GuardState {
    return { policy: this.balancing.policy };
  }

  close(): void {}
}
