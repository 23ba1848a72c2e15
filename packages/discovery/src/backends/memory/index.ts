export { MemoryRegistry, type MemoryRegistryOptions } from "./memory-registry.js";
export { type MemoryRegistrarOptions, memoryRegistrar } from "./registrar.js";
export { memoryResolver } from "./resolver.js";
