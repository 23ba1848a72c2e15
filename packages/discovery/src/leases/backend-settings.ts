import type { ConsulLeaseSettings } from "../backends/consul/settings.js";
import type { EtcdLeaseSettings } from "../backends/etcd/settings.js";
import type { NacosLeaseSettings } from "../backends/nacos/settings.js";
import type { LeaseBackend } from "./lease-port.js";

/** What a registrar's thread needs to know of its registry: plain data, because it is copied to the thread. */
export type BackendSettings =
  | ({ readonly backend: "etcd" } & EtcdLeaseSettings)
  | ({ readonly backend: "consul" } & ConsulLeaseSettings)
  | ({ readonly backend: "nacos" } & NacosLeaseSettings);

export async function openBackend(settings: BackendSettings): Promise<LeaseBackend> {
  switch (settings.backend) {
    case "etcd":
      return (await import("../backends/etcd/lease.js")).etcdLeases(settings);
    case "consul":
      return (await import("../backends/consul/lease.js")).consulLeases(settings);
    case "nacos":
      return (await import("../backends/nacos/lease.js")).nacosLeases(settings);
  }
}
