import { Resolver as DnsResolver } from "node:dns/promises";

/** An address that a name has, and for how long. */
export interface DnsAddress {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface DnsService {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** One round of questions. Answers of a server that has no such name or record are empty, not errors. */
export class DnsLookup {
  readonly #resolver: DnsResolver;

  constructor(options: { readonly servers: readonly string[]; readonly timeoutMs: number; readonly tries: number }) {
    this.#resolver = new DnsResolver({ timeout: options.timeoutMs, tries: options.tries });
    if (options.servers.length > 0) this.#resolver.setServers(options.servers);
  }

  /** IPv4 and IPv6. */
  async addresses(name: string): Promise<readonly DnsAddress[]> {
    const [four, six] = await Promise.all([
      this.#resolver.resolve4(name, { ttl: true }).catch(emptyWhenMissing),
      this.#resolver.resolve6(name, { ttl: true }).catch(emptyWhenMissing),
    ]);
    return [...four, ...six];
  }

  async services(name: string): Promise<readonly DnsService[]> {
    return this.#resolver.resolveSrv(name).catch(emptyWhenMissing);
  }

  /** Ends the questions that are under way. */
  cancel(): void {
    this.#resolver.cancel();
  }
}

/** NXDOMAIN is what a headless service without a pod that is ready gives; NODATA a name without this kind of record. */
function emptyWhenMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === "ENOTFOUND" || error.code === "ENODATA") return [];
  throw error;
}
