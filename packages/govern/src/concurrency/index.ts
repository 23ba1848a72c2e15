export { ConcurrencyErrors } from "./error.js";
export { concurrencyKind } from "./layer.js";
export { type ConcurrencyPolicy, concurrencySection } from "./policy.js";
