import { type Clock, systemClock } from "@sampan/core";
import type { ConfigEvent, ConfigStore, ConfigVersion, ConfigWatch } from "@sampan/core/ports";
import { EngineErrors, EtcdClient, type EtcdKeyValue, type EtcdOptions } from "@sampan/engines";
import { defaultDocumentLimits } from "../../document/limits.js";
import { ConfigErrors } from "../../errors.js";
import { requireSize } from "../key.js";
import { pause } from "../key-watch.js";
import { nothing } from "../revision.js";
import { Watches } from "../watches.js";

export interface EtcdConfigOptions extends EtcdOptions {
  readonly clock?: Clock;
  readonly maxBytes?: number;
  /** A watch that says nothing may be one that nobody serves any more: so often the key is read beside it. Default 10 s. */
  readonly checkMs?: number;
}

/** Documents under keys of etcd. A revision is the key's `mod_revision`. */
export class EtcdConfigStore implements ConfigStore {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #checkMs: number;
  readonly #watches = new Watches();

  constructor(options: EtcdConfigOptions) {
    this.#client = new EtcdClient(options);
    this.#clock = options.clock ?? systemClock;
    this.#maxBytes = options.maxBytes ?? defaultDocumentLimits.maxBytes;
    this.#checkMs = options.checkMs ?? 10_000;
  }

  async get(key: string): Promise<ConfigVersion> {
    this.#watches.requireOpen(key);
    return versionOf(await this.#client.get(key));
  }

  async publish(key: string, text: string | undefined, expected?: string): Promise<string> {
    this.#watches.requireOpen(key);
    requireSize(key, text, this.#maxBytes);
    if (text === undefined) {
      await this.#remove(key, expected);
      return "";
    }
    if (expected === undefined) await this.#client.put(key, text);
    else if (!(await this.#client.putIf(key, Number(expected || 0), text))) {
      // The client sends a request again whose answer was lost: then it is our own text that stands there.
      const present = await this.get(key);
      if (present.text === text) return present.revision;
      throw ConfigErrors.CHANGED_MEANWHILE({ key });
    }
    return (await this.get(key)).revision;
  }

  watch(key: string, listener: (event: ConfigEvent) => void): ConfigWatch {
    const follow = (tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> =>
      this.#follow(key, tell, signal);
    return this.#watches.open({ key, clock: this.#clock, follow }, listener);
  }

  async close(): Promise<void> {
    this.#watches.close();
    this.#client.close();
  }

  async #remove(key: string, expected: string | undefined): Promise<void> {
    const present = await this.get(key);
    if (expected !== undefined && present.revision !== expected) throw ConfigErrors.CHANGED_MEANWHILE({ key });
    await this.#client.delete(key);
  }

  async #follow(key: string, tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const stop = (): void => ended.abort();
    signal.addEventListener("abort", stop);
    let told = "";
    const note = (version: ConfigVersion): void => {
      told = version.revision;
      tell(version);
    };
    try {
      const { entry, revision } = await this.#list(key, ended.signal);
      note(versionOf(entry));
      const events = this.#events(key, revision + 1, note, ended.signal);
      await Promise.race([events, this.#check(key, () => told, ended.signal)]);
    } catch (error) {
      // Listing anew is all there is to do, and is what comes next.
      if (!EngineErrors.COMPACTED.is(error)) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      ended.abort();
    }
  }

  async #list(key: string, signal: AbortSignal): Promise<{ entry: EtcdKeyValue | undefined; revision: number }> {
    let entry: EtcdKeyValue | undefined;
    let revision = 0;
    // Every key that begins so, `order.previous` and `order-saga` too: etcd's watch of this client takes prefixes.
    for await (const page of this.#client.list(key, { signal })) {
      revision = page.revision;
      entry ??= page.entries.find((each) => each.key === key);
    }
    return { entry, revision };
  }

  async #events(key: string, from: number, tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> {
    for await (const events of await this.#client.watch(key, from, signal)) {
      for (const event of events) {
        if (event.type === "put" && event.entry.key === key) tell(versionOf(event.entry));
        else if (event.type === "delete" && event.key === key) tell(nothing);
      }
    }
  }

  /** Fails when the store cannot be reached, and ends when the watch has missed something: it may find neither out itself. */
  async #check(key: string, told: () => string, signal: AbortSignal): Promise<void> {
    for (let missed = ""; ; ) {
      await pause(this.#clock, this.#checkMs, signal);
      if (signal.aborted) return;
      const { revision } = versionOf(await this.#client.get(key, signal));
      // Twice, because an answer and an event may cross.
      if (revision !== told() && revision === missed) return;
      missed = revision === told() ? "" : revision;
    }
  }
}

function versionOf(entry: EtcdKeyValue | undefined): ConfigVersion {
  return entry === undefined ? nothing : { text: entry.value, revision: `${entry.modRevision}` };
}
