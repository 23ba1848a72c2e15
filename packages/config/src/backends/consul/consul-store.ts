import { type Clock, systemClock } from "@sampan/core";
import type { ConfigEvent, ConfigStore, ConfigVersion, ConfigWatch } from "@sampan/core/ports";
import { ConsulClient, type ConsulKey, type ConsulOptions } from "@sampan/engines";
import { defaultDocumentLimits } from "../../document/limits.js";
import { ConfigErrors } from "../../errors.js";
import { requireSize } from "../key.js";
import { pause } from "../key-watch.js";
import { nothing } from "../revision.js";
import { Watches } from "../watches.js";

export interface ConsulConfigOptions extends ConsulOptions {
  readonly clock?: Clock;
  /** Consul itself takes 512 KiB. */
  readonly maxBytes?: number;
  /** How long the server may hold a question. Default 10 s: so soon it is noticed that nobody answers. */
  readonly waitMs?: number;
}

/** Questions that come back at once, again and again, must not become a flood. */
const leastBetweenMs = 50;

/** Documents in Consul's key-value store. A revision is the key's `ModifyIndex`. */
export class ConsulConfigStore implements ConfigStore {
  readonly #client: ConsulClient;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #waitMs: number;
  readonly #watches = new Watches();

  constructor(options: ConsulConfigOptions) {
    this.#client = new ConsulClient(options);
    this.#clock = options.clock ?? systemClock;
    this.#maxBytes = options.maxBytes ?? defaultDocumentLimits.maxBytes;
    this.#waitMs = options.waitMs ?? 10_000;
  }

  async get(key: string): Promise<ConfigVersion> {
    this.#watches.requireOpen(key);
    const { entries } = await this.#client.keys(key, { index: 0, waitMs: 0 });
    return versionOf(entries, key);
  }

  async publish(key: string, text: string | undefined, expected?: string): Promise<string> {
    this.#watches.requireOpen(key);
    requireSize(key, text, this.#maxBytes);
    if (text === undefined) {
      const present = await this.get(key);
      if (expected !== undefined && present.revision !== expected) throw ConfigErrors.CHANGED_MEANWHILE({ key });
      await this.#client.deleteKey(key);
      return "";
    }
    const index = expected === undefined ? undefined : Number(expected || 0);
    if (await this.#client.putKey(key, text, index)) return (await this.get(key)).revision;
    // The client sends a request again whose answer was lost: then it is our own text that stands there.
    const present = await this.get(key);
    if (present.text === text) return present.revision;
    throw ConfigErrors.CHANGED_MEANWHILE({ key });
  }

  watch(key: string, listener: (event: ConfigEvent) => void): ConfigWatch {
    const follow = async (tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> => {
      let index = 0;
      while (!signal.aborted) {
        const answer = await this.#client.keys(key, { index, waitMs: this.#waitMs, signal });
        index = answer.index;
        tell(versionOf(answer.entries, key));
        await pause(this.#clock, leastBetweenMs, signal);
      }
    };
    return this.#watches.open({ key, clock: this.#clock, follow }, listener);
  }

  async close(): Promise<void> {
    this.#watches.close();
    this.#client.close();
  }
}

/** The client asks for all keys that begin so, `order.previous` and `order-saga` too. */
function versionOf(entries: readonly ConsulKey[], key: string): ConfigVersion {
  const entry = entries.find((each) => each.key === key);
  return entry === undefined ? nothing : { text: entry.value, revision: `${entry.modifyIndex}` };
}
