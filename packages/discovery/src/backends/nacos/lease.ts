import type { NacosClient, NacosInstance } from "@sampan/engines";
import type { Announcement, LeaseBackend, LeasePort } from "../../leases/lease-port.js";
import { hostPortOf } from "../entries/host-port.js";
import { metadataOf, metadataRefusal, nacosWeight } from "./instance-metadata.js";
import { type NacosLeaseSettings, nacosClient } from "./settings.js";

/** Ephemeral instances: Nacos keeps them as long as it hears of them. */
export function nacosLeases(settings: NacosLeaseSettings): LeaseBackend {
  const client = nacosClient(settings);
  return {
    registry: "Nacos",
    refusal: ({ instance }) => metadataRefusal(instance),
    open: () => new NacosLease(client, settings.ttlMs ?? 30_000),
    close: () => client.close(),
  };
}

class NacosLease implements LeasePort {
  readonly #client: NacosClient;
  readonly #ttlMs: number;
  #announced: { service: string; instance: NacosInstance } | undefined;

  constructor(client: NacosClient, ttlMs: number) {
    this.#client = client;
    this.#ttlMs = ttlMs;
  }

  async take({ service, instance }: Announcement, signal: AbortSignal): Promise<void> {
    const { host: ip, port } = hostPortOf(instance.address) ?? { host: "", port: 0 };
    const metadata = metadataOf(instance, this.#ttlMs);
    this.#announced = { service, instance: { ip, port, weight: nacosWeight(instance.weight), metadata } };
    await this.#client.register(service, this.#announced.instance, signal);
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    if (this.#announced === undefined) return false;
    return this.#client.beat(this.#announced.service, this.#announced.instance, signal);
  }

  /** Nacos replaces an instance by registering it again. */
  async replace(announcement: Announcement, signal: AbortSignal): Promise<boolean> {
    await this.take(announcement, signal);
    return true;
  }

  async drop(signal: AbortSignal): Promise<void> {
    if (this.#announced === undefined) return;
    await this.#client.deregister(this.#announced.service, this.#announced.instance, signal);
  }
}
