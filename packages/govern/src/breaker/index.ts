import type { GuardKind } from "../rules/section.js";
import { makeBreaker } from "./layer.js";
import { type BreakerPolicy, breakerSection } from "./policy.js";

export { EndpointBreakers } from "./endpoint-breakers.js";
export { BreakerErrors } from "./error.js";
export { makeBreaker } from "./layer.js";
export { type BreakerPolicy, breakerSection } from "./policy.js";

export const breakerKind: GuardKind<BreakerPolicy> = { section: breakerSection, make: makeBreaker };
