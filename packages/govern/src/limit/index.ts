export { LimitErrors } from "./error.js";
export { type LimitPorts, limitKind, limitMisfit, limitUnsupported } from "./layer.js";
export type { LimitPolicy } from "./policy.js";
