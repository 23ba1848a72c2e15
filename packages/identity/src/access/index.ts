/** Which identity may call which method. */
export { AccessErrors } from "./access-errors.js";
export { AccessGuard, type AccessGuardOptions } from "./access-layer.js";
export { AccessDecider, type Decision, type Surroundings } from "./decide.js";
export { type AccessExplanation, explainAccess, type RuleExplanation } from "./explain.js";
export type { AccessAction, AccessMode, AccessPolicy, AccessRule } from "./policy.js";
export { type PolicyProblem, type PolicyResult, readAccessPolicy, requireAccessPolicy } from "./read-policy.js";
export { accessPolicyText, recordedPolicy, type SeenCall } from "./recorded-policy.js";
