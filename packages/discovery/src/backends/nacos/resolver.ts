import type { Resolver } from "@sampan/core/ports";
import type { NacosClient } from "@sampan/engines";
import { readEntries } from "../entries/read-entries.js";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { InstanceSource, Session } from "../following/source.js";
import { instanceFromEntry } from "./instance-metadata.js";
import { type NacosLeaseSettings, nacosClient } from "./settings.js";

export interface NacosResolverOptions extends FollowingOptions {
  /** Between two looks at the list, in ms: Nacos tells changes of instances over gRPC only. Default 1000. */
  readonly pollMs?: number;
}

export function nacosResolver(settings: NacosLeaseSettings, options: NacosResolverOptions = {}): Resolver {
  return followingResolver("Nacos", new NacosSource(nacosClient(settings), options.pollMs ?? 1000), options);
}

class NacosSource implements InstanceSource {
  readonly #client: NacosClient;
  readonly #pollMs: number;

  constructor(client: NacosClient, pollMs: number) {
    this.#client = client;
    this.#pollMs = pollMs;
  }

  async follow(service: string, session: Session): Promise<number> {
    const entries = await this.#client.instances(service, session.signal);
    const instances = await readEntries(entries, session, instanceFromEntry);
    session.tell(() => instances);
    return this.#pollMs;
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}
