export { fallbackKind, fallbackMisfit } from "./layer.js";
export type { FallbackPorts } from "./plan.js";
export type { FallbackPolicy } from "./policy.js";
