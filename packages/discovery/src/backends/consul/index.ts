export { consulRegistrar } from "./registrar.js";
export { type ConsulResolverOptions, consulResolver } from "./resolver.js";
export type { ConsulLeaseSettings } from "./settings.js";
