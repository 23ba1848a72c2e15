import type { GuardKind } from "../rules/section.js";
import { makeRetry } from "./layer.js";
import { type RetryPolicy, retrySection } from "./policy.js";

export type { BackoffPolicy } from "./backoff.js";
export { RetryErrors } from "./error.js";
export { makeRetry } from "./layer.js";
export { type RetryPolicy, retrySection } from "./policy.js";
export { type BudgetPolicy, TryBudget } from "./try-budget.js";

export const retryKind: GuardKind<RetryPolicy> = { section: retrySection, make: makeRetry };
