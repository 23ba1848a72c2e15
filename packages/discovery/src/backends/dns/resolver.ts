import type { Instance, Resolver } from "@sampan/core/ports";
import { DiscoveryErrors } from "../../channel/errors.js";
import { addressOf } from "../entries/host-port.js";
import { readEntries } from "../entries/read-entries.js";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { InstanceSource, Session } from "../following/source.js";
import { type DnsAddress, DnsLookup, type DnsService } from "./lookup.js";

export interface DnsResolverOptions extends FollowingOptions {
  /** Where a service is: `order.shop.svc.cluster.local:50051`, or a name of SRV records (`_grpc._tcp.…`) without a port. */
  readonly nameOf: (service: string) => string;
  /** `host:port` of name servers. Default: the system's. */
  readonly servers?: readonly string[];
  /** Names are asked again when their records end, but not within so many ms nor after so many. Default 1000 and 30000. */
  readonly minTtlMs?: number;
  readonly maxTtlMs?: number;
  /** For one question to one server, in ms. Default 2000, tried twice. */
  readonly timeoutMs?: number;
}

/** SRV targets of one name that are looked up; more are left out. Each costs two questions. */
const maxTargets = 64;

/** The instances behind a name, such as a headless service's. Asked again when the records end and when calls fail. */
export function dnsResolver(options: DnsResolverOptions): Resolver {
  return followingResolver("DNS", new DnsSource(options), options);
}

class DnsSource implements InstanceSource {
  readonly #options: DnsResolverOptions;
  readonly #lookups = new Set<DnsLookup>();

  constructor(options: DnsResolverOptions) {
    this.#options = options;
  }

  async follow(service: string, session: Session): Promise<number> {
    const { servers = [], timeoutMs = 2000, minTtlMs = 1000, maxTtlMs = 30_000 } = this.#options;
    const lookup = new DnsLookup({ servers, timeoutMs, tries: 2 });
    const cancel = (): void => lookup.cancel();
    session.signal.addEventListener("abort", cancel, { once: true });
    this.#lookups.add(lookup);
    try {
      const { name, port } = this.#name(service);
      const found =
        port === undefined ? await byServices(lookup, name, session) : await byAddresses(lookup, name, port);
      const instances = await readEntries(found, session, ({ instance }) => instance);
      session.tell(() => instances);
      const shortest = Math.min(...found.map(({ ttl }) => ttl), maxTtlMs / 1000);
      return Math.max(minTtlMs, shortest * 1000);
    } finally {
      session.signal.removeEventListener("abort", cancel);
      this.#lookups.delete(lookup);
    }
  }

  async close(): Promise<void> {
    for (const lookup of this.#lookups) lookup.cancel();
  }

  #name(service: string): { name: string; port: number | undefined } {
    const target = this.#options.nameOf(service);
    if (target.startsWith("_")) return { name: target, port: undefined };
    const [, name = "", port = ""] = /^([\w.-]+):(\d{1,5})$/.exec(target) ?? [];
    if (name === "") throw DiscoveryErrors.NO_INSTANCES({ service, why: `${target} is no name with a port` });
    return { name, port: Number(port) };
  }
}

interface Found {
  readonly instance: Instance;
  readonly ttl: number;
}

async function byAddresses(lookup: DnsLookup, name: string, port: number): Promise<Found[]> {
  return (await lookup.addresses(name)).map((address) => found(address, port, 100));
}

/** Of SRV records only those of the best priority are in use; the others are for when these are gone (RFC 2782). */
async function byServices(lookup: DnsLookup, name: string, session: Session): Promise<Found[]> {
  const records = await lookup.services(name);
  const best = Math.min(...records.map(({ priority }) => priority));
  const used = records.filter(({ priority }) => priority === best);
  if (used.length > maxTargets) session.leftOut(used.length - maxTargets, `there are more than ${maxTargets} targets`);
  const looked = await Promise.all(used.slice(0, maxTargets).map((record) => target(lookup, record)));
  return looked.flat();
}

async function target(lookup: DnsLookup, { name, port, weight }: DnsService): Promise<Found[]> {
  const addresses = await lookup.addresses(name);
  // A weight of 0 means "no choice to be made" there, and "no calls" here.
  return addresses.map((address) => found(address, port, weight === 0 ? 100 : Math.min(weight, 1000)));
}

function found({ address, ttl }: DnsAddress, port: number, weight: number): Found {
  const at = addressOf(address, port);
  return { instance: { id: at, address: at, zone: "", weight, version: "", labels: {}, health: "up" }, ttl };
}
