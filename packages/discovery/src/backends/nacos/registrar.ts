import type { Registrar } from "@sampan/core/ports";
import { type WorkerRegistrarOptions, workerRegistrar } from "../../leases/worker-registrar.js";
import type { NacosLeaseSettings } from "./settings.js";

/** Announces ephemeral instances in Nacos; a thread of its own sends the heartbeats. */
export function nacosRegistrar(settings: NacosLeaseSettings, options: WorkerRegistrarOptions = {}): Registrar {
  const ttlMs = settings.ttlMs ?? 30_000;
  // Nacos's own rhythm: three beats before an instance is unhealthy.
  const times = { ttlMs, renewEveryMs: ttlMs / 6, ...options.times };
  return workerRegistrar({ backend: "nacos", ...settings }, { ...options, times });
}
