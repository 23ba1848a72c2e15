import type { Registrar } from "@sampan/core/ports";
import { type WorkerRegistrarOptions, workerRegistrar } from "../../leases/worker-registrar.js";
import type { EtcdLeaseSettings } from "./settings.js";

/** Announces instances in etcd under leases, which a thread of its own keeps alive. */
export function etcdRegistrar(settings: EtcdLeaseSettings, options: WorkerRegistrarOptions = {}): Registrar {
  const ttlMs = settings.ttlMs ?? 30_000;
  return workerRegistrar({ backend: "etcd", ...settings }, { ...options, times: { ttlMs, ...options.times } });
}
