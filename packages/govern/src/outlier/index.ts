/**
 * Outlier ejection. Only a balancer knows where a call goes, so this guard lets calls through and offers what it knows as
 * `health`, by address, in a shape that a balancer may declare for itself without importing this package. Whoever counts calls tells each outcome once; a call that was cancelled says nothing of the
 * endpoint and is not told. `ok` is false for what says that the endpoint is broken (`unavailable`, `internal`,
 * `deadline-exceeded`, `unknown`), true for any other answer. A breaker with `per: endpoint` has the same
 * shape.
 *
 * There is no error: nothing is refused here. When too few endpoints are left, the balancer's panic threshold decides.
 */
import type { GuardKind } from "../rules/section.js";
import { makeOutlier } from "./layer.js";
import { type OutlierPolicy, outlierSection } from "./policy.js";

export { makeOutlier } from "./layer.js";
export { OutlierDetector } from "./outlier-detector.js";
export { type OutlierPolicy, outlierSection } from "./policy.js";

export const outlierKind: GuardKind<OutlierPolicy> = { section: outlierSection, make: makeOutlier };
