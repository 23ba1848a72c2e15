export { ShedErrors } from "./error.js";
export { type ShedPorts, shedKind } from "./layer.js";
export { type LoopSignal, LoopWatch } from "./loop-watch.js";
export { type ShedPolicy, shedSection } from "./policy.js";
