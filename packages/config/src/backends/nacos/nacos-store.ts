import { type Clock, systemClock } from "@sampan/core";
import type { ConfigEvent, ConfigStore, ConfigVersion, ConfigWatch } from "@sampan/core/ports";
import { NacosClient, type NacosOptions } from "@sampan/engines";
import { defaultDocumentLimits } from "../../document/limits.js";
import { ConfigErrors } from "../../errors.js";
import { requireSize } from "../key.js";
import { pause } from "../key-watch.js";
import { hashed } from "../revision.js";
import { Watches } from "../watches.js";

export interface NacosConfigOptions extends Omit<NacosOptions, "namespace" | "group"> {
  readonly clock?: Clock;
  readonly maxBytes?: number;
  /** Nacos 3 tells of changes over gRPC only; over HTTP it is asked so often. Default 500 ms. */
  readonly pollMs?: number;
}

/** Clients of as many pairs of namespace and group as one process plausibly has. */
const maxClients = 20;

/**
 * Configurations of Nacos: the first part of a key is the namespace (its id), the second the group, the rest the data id,
 * with `:` for `/`. Nacos's HTTP API neither compares and sets nor creates only what is not there: `publish` with
 * `expected` looks first and writes then, so that of two publishers in the same moment the later wins unnoticed.
 */
export class NacosConfigStore implements ConfigStore {
  readonly #options: NacosConfigOptions;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #clients = new Map<string, NacosClient>();
  readonly #watches = new Watches();

  constructor(options: NacosConfigOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#maxBytes = options.maxBytes ?? defaultDocumentLimits.maxBytes;
  }

  async get(key: string): Promise<ConfigVersion> {
    this.#watches.requireOpen(key);
    return this.#read(key);
  }

  async publish(key: string, text: string | undefined, expected?: string): Promise<string> {
    this.#watches.requireOpen(key);
    requireSize(key, text, this.#maxBytes);
    const present = await this.#read(key);
    if (expected !== undefined && present.revision !== expected) throw ConfigErrors.CHANGED_MEANWHILE({ key });
    const { client, dataId } = this.#place(key);
    // Nacos refuses an empty configuration, and this client removes none: an empty one is written as a comment.
    await client.publishConfig(dataId, text === undefined ? removed : text === "" ? empty : text);
    return (await this.#read(key)).revision;
  }

  watch(key: string, listener: (event: ConfigEvent) => void): ConfigWatch {
    const follow = async (tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        tell(await this.#read(key, signal));
        await pause(this.#clock, this.#options.pollMs ?? 500, signal);
      }
    };
    return this.#watches.open({ key, clock: this.#clock, follow }, listener);
  }

  async close(): Promise<void> {
    this.#watches.close();
    for (const client of this.#clients.values()) client.close();
  }

  async #read(key: string, signal?: AbortSignal): Promise<ConfigVersion> {
    const { client, dataId } = this.#place(key);
    const content = (await client.config(dataId, signal))?.content;
    return hashed(content === removed ? undefined : content === empty ? "" : content);
  }

  #place(key: string): { readonly client: NacosClient; readonly dataId: string } {
    const [namespace = "", group = "", ...rest] = key.split("/");
    if (rest.length === 0) throw ConfigErrors.BAD_KEY({ key, why: "Nacos needs a namespace, a group and a name" });
    const name = `${namespace}/${group}`;
    let client = this.#clients.get(name);
    if (client === undefined) {
      if (this.#clients.size >= maxClients) {
        throw ConfigErrors.BAD_KEY({ key, why: `more than ${maxClients} namespaces and groups in one process` });
      }
      client = new NacosClient({ ...this.#options, namespace, group });
      this.#clients.set(name, client);
    }
    return { client, dataId: rest.join(":") };
  }
}

const removed = "# removed";
const empty = "# empty";
