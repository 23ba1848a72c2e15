export { type EtcdBoardOptions, EtcdProbeBoard, etcdProbeBoard } from "./probe-board.js";
export { etcdRegistrar } from "./registrar.js";
export { type EtcdResolverOptions, etcdResolver } from "./resolver.js";
export type { EtcdLeaseSettings } from "./settings.js";
