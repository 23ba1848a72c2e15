import type { GuardKind } from "../rules/section.js";
import { makeRetry } from "./layer.js";
import { type RetryPolicy, retrySection } from "./policy.js";

export { RetryErrors } from "./error.js";
export { makeRetry, type RetryGuard } from "./layer.js";
export { type RetryPolicy, retrySection } from "./policy.js";

export const retryKind: GuardKind<RetryPolicy> = { section: retrySection, make: makeRetry };
