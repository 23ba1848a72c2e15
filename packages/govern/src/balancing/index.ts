import type { GuardKind } from "../rules/section.js";
import { makeLoadBalancing } from "./layer.js";
import { type LoadBalancingPolicy, loadBalancingSection } from "./policy.js";

export type { LoadBalancingGuard } from "./layer.js";
export { balancerNames, type LoadBalancingPolicy } from "./policy.js";

export const loadBalancingKind: GuardKind<LoadBalancingPolicy> = {
  section: loadBalancingSection,
  make: makeLoadBalancing,
};
