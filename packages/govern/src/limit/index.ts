export { LimitErrors } from "./error.js";
export { type LimitPorts, limitKind, limitMisfit } from "./layer.js";
export { type LimitPolicy, type LimitShape, limitSection } from "./policy.js";
