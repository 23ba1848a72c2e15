import { LeaseRegistrar, type LeaseRegistrarOptions } from "../../leases/lease-registrar.js";
import { memoryLeases } from "./lease.js";
import type { MemoryRegistry } from "./memory-registry.js";

export interface MemoryRegistrarOptions extends Omit<LeaseRegistrarOptions, "times"> {
  /** Default 30000. */
  readonly ttlMs?: number;
}

/** Announces in a registry of this process, and renews in this thread: when it is blocked, so is the registry. */
export function memoryRegistrar(registry: MemoryRegistry, options: MemoryRegistrarOptions = {}): LeaseRegistrar {
  const ttlMs = options.ttlMs ?? 30_000;
  return new LeaseRegistrar(memoryLeases(registry, ttlMs), { ...options, times: { ttlMs } });
}
