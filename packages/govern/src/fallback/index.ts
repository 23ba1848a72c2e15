export { fallbackKind, fallbackMisfit } from "./layer.js";
export type { FallbackPorts } from "./plan.js";
export { type EnqueuePolicy, type FallbackPolicy, fallbackSection, type LastGoodPolicy } from "./policy.js";
