export { BatchErrors } from "./error.js";
export { batchKind, batchMisfit } from "./layer.js";
export type { BatchPolicy } from "./policy.js";
