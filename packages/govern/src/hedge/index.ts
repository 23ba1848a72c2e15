import type { GuardKind } from "../rules/section.js";
import { makeHedge } from "./layer.js";
import { type HedgePolicy, hedgeSection } from "./policy.js";

export { makeHedge } from "./layer.js";
export { type HedgePolicy, hedgeSection } from "./policy.js";

export const hedgeKind: GuardKind<HedgePolicy> = { section: hedgeSection, make: makeHedge };
