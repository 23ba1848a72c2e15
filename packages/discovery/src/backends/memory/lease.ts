import { Code, RpcError } from "@sampan/core";
import type { LeaseBackend, LeasePort } from "../../leases/lease-port.js";
import type { MemoryRegistry } from "./memory-registry.js";

export function memoryLeases(registry: MemoryRegistry, ttlMs: number): LeaseBackend {
  return { registry: "memory", refusal: () => undefined, open: () => memoryLease(registry, ttlMs), close: () => {} };
}

function memoryLease(registry: MemoryRegistry, ttlMs: number): LeasePort {
  let lease = 0;
  return {
    async take({ service, instance }) {
      const taken = registry.announce(service, instance, ttlMs);
      if (taken === undefined) throw new RpcError(Code.ResourceExhausted, "the registry is full");
      lease = taken;
    },
    renew: async () => registry.renew(lease),
    replace: async ({ instance }) => registry.replace(lease, instance),
    drop: async () => registry.drop(lease),
  };
}
