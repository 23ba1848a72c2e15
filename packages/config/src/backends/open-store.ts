import type { Clock } from "@sampan/core";
import type { ConfigStore } from "@sampan/core/ports";
import { ConfigErrors } from "../errors.js";
import type { Secret } from "../secret.js";
import type { ConsulConfigStore } from "./consul/consul-store.js";
import type { EtcdConfigStore } from "./etcd/etcd-store.js";
import { requireKey } from "./key.js";
import type { NacosConfigStore } from "./nacos/nacos-store.js";

/** Where documents of configuration are, as a setting or a command line says it. */
export interface ConfigAddress {
  readonly kind: "etcd" | "consul" | "nacos" | "file";
  /** `http://host:port`; of a file store its folder alone. */
  readonly endpoints: readonly string[];
  /** The two parts that every key begins with: `sampan/production`. */
  readonly prefix: string;
}

export interface AddressDefaults {
  /** For an address without a path. */
  readonly namespace: string;
  readonly environment: string;
}

const kinds = ["etcd", "consul", "nacos", "file"] as const;
const form = /^([a-z]+)(\+https)?:\/\/([^/]*)(\/.*)?$/;

/**
 * `etcd://host:2379,host2:2379/namespace/environment`, `consul+https://…`, `nacos://…`, `file:///folder/namespace/environment`.
 * The path may be missing, but for a file. Throws `BAD_ADDRESS`.
 */
export function configAddress(address: string, defaults: AddressDefaults): ConfigAddress {
  const bad = (why: string): Error => ConfigErrors.BAD_ADDRESS({ address: address.replace(/\/\/.*@/, "//***@"), why });
  const [, scheme = "", secure, hosts = "", path = ""] = form.exec(address) ?? [];
  const kind = kinds.find((each) => each === scheme);
  if (kind === undefined) throw bad(`it does not begin with one of ${kinds.map((each) => `${each}://`).join(", ")}`);
  if (hosts.includes("@")) throw bad("credentials do not belong into it: config.user and config.password are for them");
  const parts = path.split("/").filter((part) => part !== "");
  if (kind === "file") {
    if (hosts !== "" || parts.length < 3) throw bad("write file:///folder/namespace/environment");
    return { kind, endpoints: [`/${parts.slice(0, -2).join("/")}`], prefix: prefixOf(parts.slice(-2), bad) };
  }
  if (parts.length !== 0 && parts.length !== 2) throw bad("after the host stand a namespace and an environment");
  const prefix = prefixOf(parts.length === 0 ? [defaults.namespace, defaults.environment] : parts, bad);
  const named = hosts.split(",");
  for (const host of named)
    if (!/^(\[[0-9a-fA-F:]+\]|[^:[\]]+):\d{1,5}$/.test(host)) throw bad("each host needs a port");
  return { kind, endpoints: named.map((host) => `http${secure === undefined ? "" : "s"}://${host}`), prefix };
}

function prefixOf(parts: readonly string[], bad: (why: string) => Error): string {
  const prefix = parts.join("/");
  try {
    requireKey(prefix);
  } catch {
    throw bad("namespace and environment consist of letters, digits, dots, hyphens and underscores");
  }
  return prefix;
}

export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  /** Consul's. */
  readonly token?: Secret | undefined;
}

/** Opens the store at an address; the client of its engine is loaded only then. Connects when it is first asked. */
export async function openConfigStore(
  { kind, endpoints }: ConfigAddress,
  credentials: Credentials = {},
  clock?: Clock,
): Promise<ConfigStore> {
  const time = clock === undefined ? {} : { clock };
  const { user, password, token } = credentials;
  const login = user === undefined || user === "" ? {} : { user: { name: user, password: password?.reveal() ?? "" } };
  switch (kind) {
    case "file": {
      const { FileConfigStore } = await import("./file/file-store.js");
      return new FileConfigStore(endpoints[0] as string, time);
    }
    case "etcd":
      return new (await loadEtcd())({ endpoints, ...login, ...time });
    case "consul":
      return new (await loadConsul())({ endpoints, ...(token ? { token: async () => token.reveal() } : {}), ...time });
    case "nacos":
      return new (await loadNacos())({ endpoints, ...login, ...time });
  }
}

async function loadEtcd(): Promise<typeof EtcdConfigStore> {
  return (await import("./etcd/etcd-store.js")).EtcdConfigStore;
}

async function loadConsul(): Promise<typeof ConsulConfigStore> {
  return (await import("./consul/consul-store.js")).ConsulConfigStore;
}

async function loadNacos(): Promise<typeof NacosConfigStore> {
  return (await import("./nacos/nacos-store.js")).NacosConfigStore;
}
