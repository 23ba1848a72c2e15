import type { ConsulClient, ConsulService } from "@sampan/engines";
import type { Announcement, LeaseBackend, LeasePort } from "../../leases/lease-port.js";
import { hostPortOf } from "../entries/host-port.js";
import { metaOf, metaRefusal, statusOf } from "./instance-meta.js";
import { type ConsulLeaseSettings, consulClient, consulId, leaseCheckId } from "./settings.js";

/** Instances as services of an agent with a TTL check: the check is the lease. */
export function consulLeases(settings: ConsulLeaseSettings): LeaseBackend {
  const client = consulClient(settings);
  return {
    registry: "Consul",
    refusal: ({ instance }) => metaRefusal(instance),
    open: () => new ConsulLease(client, settings),
    close: () => client.close(),
  };
}

class ConsulLease implements LeasePort {
  readonly #client: ConsulClient;
  readonly #settings: ConsulLeaseSettings;
  #announced: Announcement | undefined;

  constructor(client: ConsulClient, settings: ConsulLeaseSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async take(announcement: Announcement, signal: AbortSignal): Promise<void> {
    this.#announced = announcement;
    await this.#client.register(serviceOf(announcement, this.#settings), signal);
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    const { service, instance } = this.#announced as Announcement;
    const check = leaseCheckId(service, instance.id);
    return this.#client.updateCheck(check, statusOf(instance.health), instance.health, signal);
  }

  /** Consul replaces a service by registering it again, and its checks begin anew. */
  async replace(announcement: Announcement, signal: AbortSignal): Promise<boolean> {
    await this.take(announcement, signal);
    return true;
  }

  async drop(signal: AbortSignal): Promise<void> {
    if (this.#announced === undefined) return;
    await this.#client.deregister(consulId(this.#announced.service, this.#announced.instance.id), signal);
  }
}

/** Consul refuses a shorter time before it forgets a service. */
const shortestDeregisterMs = 60_000;

function serviceOf({ service, instance }: Announcement, settings: ConsulLeaseSettings): ConsulService {
  const { host, port } = hostPortOf(instance.address) ?? { host: "", port: 0 };
  const after = Math.max(shortestDeregisterMs, settings.deregisterAfterMs ?? shortestDeregisterMs);
  const forget = { DeregisterCriticalServiceAfter: `${Math.round(after)}ms` };
  const lease = {
    CheckID: leaseCheckId(service, instance.id),
    Name: "lease",
    TTL: `${Math.round(settings.ttlMs ?? 30_000)}ms`,
    // A check begins as critical unless it says otherwise, and callers would see that.
    Status: statusOf(instance.health),
    ...forget,
  };
  const { grpcCheckMs } = settings;
  const grpc = {
    Name: "gRPC health",
    GRPC: `${host}:${port}`,
    Interval: `${grpcCheckMs}ms`,
    Status: "passing",
    ...forget,
  };
  return {
    id: consulId(service, instance.id),
    name: service,
    address: host,
    port,
    meta: metaOf(instance),
    tags: [],
    weight: instance.weight,
    checks: grpcCheckMs === undefined || host === "" ? [lease] : [lease, grpc],
  };
}
