export { ConcurrencyErrors } from "./error.js";
export { concurrencyKind } from "./layer.js";
export type { ConcurrencyPolicy } from "./policy.js";
