import type { Registrar } from "@sampan/core/ports";
import { type WorkerRegistrarOptions, workerRegistrar } from "../../leases/worker-registrar.js";
import type { ConsulLeaseSettings } from "./settings.js";

/** Announces instances at a Consul agent with a TTL check, which a thread of its own keeps passing. */
export function consulRegistrar(settings: ConsulLeaseSettings, options: WorkerRegistrarOptions = {}): Registrar {
  const ttlMs = settings.ttlMs ?? 30_000;
  return workerRegistrar({ backend: "consul", ...settings }, { ...options, times: { ttlMs, ...options.times } });
}
