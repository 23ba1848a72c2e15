export { ShedErrors } from "./error.js";
export { type ShedPorts, shedKind } from "./layer.js";
export type { ShedPolicy } from "./policy.js";
