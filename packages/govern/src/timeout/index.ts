import type { GuardKind } from "../rules/section.js";
import { makeTimeout, makeTryTimeout } from "./layer.js";
import { type TimeoutPolicy, timeoutSection } from "./policy.js";

export { TimeoutErrors } from "./error.js";
export { makeTimeout, makeTryTimeout } from "./layer.js";
export { type TimeoutPolicy, timeoutSection } from "./policy.js";

/** `timeout.request`: outermost but for fallback. */
export const timeoutKind: GuardKind<TimeoutPolicy> = { section: timeoutSection, make: makeTimeout };
/** `timeout.perTry`: of the same section, inside retry and hedge and around the breaker, which should see it. */
export const tryTimeoutKind: GuardKind<TimeoutPolicy> = { section: timeoutSection, make: makeTryTimeout };
