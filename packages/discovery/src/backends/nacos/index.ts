export { nacosRegistrar } from "./registrar.js";
export { type NacosResolverOptions, nacosResolver } from "./resolver.js";
export type { NacosLeaseSettings } from "./settings.js";
