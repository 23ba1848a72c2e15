import type { Resolver } from "@sampan/core/ports";
import type { ConsulClient } from "@sampan/engines";
import { readEntries } from "../entries/read-entries.js";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { InstanceSource, Session } from "../following/source.js";
import { instanceFromEntry } from "./instance-meta.js";
import { type ConsulLeaseSettings, consulClient } from "./settings.js";

export interface ConsulResolverOptions extends FollowingOptions {
  /** How long a question may be held by the server, in ms. Default 60000; Consul allows 10 minutes. */
  readonly waitMs?: number;
  /** Questions of one session; then the index begins anew. Default 1000. */
  readonly questions?: number;
}

/** A service that changes all the time, or a server that does not block, is asked no more often, in ms. */
const betweenQuestionsMs = 50;

/** Asks with blocking queries: each is answered when something has changed, or the wait is over. */
export function consulResolver(settings: ConsulLeaseSettings, options: ConsulResolverOptions = {}): Resolver {
  return followingResolver("Consul", new ConsulSource(consulClient(settings), options), options);
}

class ConsulSource implements InstanceSource {
  readonly #client: ConsulClient;
  readonly #waitMs: number;
  readonly #questions: number;

  constructor(client: ConsulClient, options: ConsulResolverOptions) {
    this.#client = client;
    this.#waitMs = options.waitMs ?? 60_000;
    this.#questions = options.questions ?? 1000;
  }

  async follow(service: string, session: Session): Promise<number> {
    let index = 0;
    let told = -1;
    for (let asked = 0; asked < this.#questions; asked++) {
      const answer = await this.#client.health(service, { index, waitMs: this.#waitMs, signal: session.signal });
      if (answer.index !== told) {
        const instances = await readEntries(answer.entries, session, instanceFromEntry);
        session.tell(() => instances);
        told = answer.index;
      }
      index = answer.index;
      // Without an index the next question would be answered at once, for ever: another session, with its waits.
      if (index === 0) return 0;
      await session.pause(betweenQuestionsMs);
    }
    return 0;
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}
