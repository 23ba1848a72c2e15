import { EngineErrors, type EtcdClient } from "@sampan/engines";
import type { Announcement, LeaseBackend, LeasePort } from "../../leases/lease-port.js";
import { instanceToJson } from "../entries/instance-json.js";
import { type EtcdLeaseSettings, etcdClient, etcdFolder } from "./settings.js";

/** Instances as keys under leases: `/sampan/<namespace>/services/<service>/<id>`. */
export function etcdLeases(settings: EtcdLeaseSettings): LeaseBackend {
  const client = etcdClient(settings);
  return {
    registry: "etcd",
    refusal: () => undefined,
    open: () => new EtcdLease(client, settings),
    close: () => client.close(),
  };
}

class EtcdLease implements LeasePort {
  readonly #client: EtcdClient;
  readonly #settings: EtcdLeaseSettings;
  #lease = "";
  #key = "";

  constructor(client: EtcdClient, settings: EtcdLeaseSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async take(announcement: Announcement, signal: AbortSignal): Promise<void> {
    // An older lease may still live, when what failed was only our hearing of it; left alone it would end by itself.
    const before = this.#lease;
    this.#lease = await this.#client.grantLease(Math.ceil((this.#settings.ttlMs ?? 30_000) / 1000), signal);
    if (!(await this.replace(announcement, signal)))
      throw EngineErrors.BAD_ANSWER({ engine: "etcd", why: "a new lease is not known" });
    // The key hangs on the new lease by now, so this takes nothing out.
    if (before !== "") await this.#client.revokeLease(before, signal).catch(() => {});
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    return (await this.#client.keepLease(this.#lease, signal)) > 0;
  }

  async replace({ service, instance }: Announcement, signal: AbortSignal): Promise<boolean> {
    this.#key = etcdFolder(this.#settings, service) + instance.id;
    return this.#client.put(this.#key, instanceToJson(instance), { lease: this.#lease, signal });
  }

  async drop(signal: AbortSignal): Promise<void> {
    if (this.#key !== "") await this.#client.delete(this.#key, signal);
    if (this.#lease !== "") await this.#client.revokeLease(this.#lease, signal);
  }
}
