import type { Instance, Resolver } from "@sampan/core/ports";
import { EngineErrors, type EtcdClient, type EtcdEvent, type EtcdKeyValue } from "@sampan/engines";
import { checkInstance } from "../../working-set/check-instance.js";
import { instanceFromJson } from "../entries/instance-json.js";
import { maxEntries, readEntries } from "../entries/read-entries.js";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { InstanceSource, Session } from "../following/source.js";
import { type EtcdLeaseSettings, etcdClient, etcdFolder } from "./settings.js";

export interface EtcdResolverOptions extends FollowingOptions {
  /**
   * A watch is given up and begun anew with a list so often, in ms: one whose server has forgotten it says nothing for
   * ever, and nobody would notice. Default 60000.
   */
  readonly relistMs?: number;
}

/** Lists a service's keys, then watches from the revision of the list. */
export function etcdResolver(settings: EtcdLeaseSettings, options: EtcdResolverOptions = {}): Resolver {
  return followingResolver("etcd", new EtcdSource(settings, options.relistMs ?? 60_000), options);
}

class EtcdSource implements InstanceSource {
  readonly #settings: EtcdLeaseSettings;
  readonly #client: EtcdClient;
  readonly #relistMs: number;

  constructor(settings: EtcdLeaseSettings, relistMs: number) {
    this.#settings = settings;
    this.#client = etcdClient(settings);
    this.#relistMs = relistMs;
  }

  async follow(service: string, session: Session): Promise<number> {
    const folder = etcdFolder(this.#settings, service);
    const known = new Map<string, Instance>();
    let revision = 0;
    const entries: EtcdKeyValue[] = [];
    for await (const page of this.#client.list(folder, { signal: session.signal })) {
      revision = page.revision;
      for (const entry of page.entries) if (entries.length <= maxEntries) entries.push(entry);
    }
    await readEntries(entries, session, (entry) => {
      const instance = read(entry, folder);
      // Kept by key: a value that names another id than its key must not hide the other one's.
      if (instance !== undefined && checkInstance(instance) === undefined && known.size < maxEntries)
        known.set(entry.key, instance);
      return instance;
    });
    session.tell(() => [...known.values()]);
    const relist = AbortSignal.timeout(this.#relistMs);
    const signal = AbortSignal.any([session.signal, relist]);
    try {
      for await (const events of await this.#client.watch(folder, revision + 1, signal))
        if (apply(events, known, folder)) session.tell(() => [...known.values()]);
    } catch (error) {
      session.signal.throwIfAborted();
      // The history is gone, or it is time: list anew, which says nothing of the registry's health.
      if (!relist.aborted && !EngineErrors.COMPACTED.is(error)) throw error;
    }
    // 1: at once, when the session was long; a watch that always ends at once is slowed down.
    return relist.aborted ? 1 : 0;
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}

/** True when the set may have changed. */
function apply(events: readonly EtcdEvent[], known: Map<string, Instance>, folder: string): boolean {
  for (const event of events) {
    const key = event.type === "put" ? event.entry.key : event.key;
    const instance = event.type === "put" ? read(event.entry, folder) : undefined;
    const usable = instance !== undefined && checkInstance(instance) === undefined;
    if (usable && (known.has(key) || known.size < maxEntries)) known.set(key, instance);
    else known.delete(key);
  }
  return events.length > 0;
}

/** An instance's id is the key's last part, whatever the value says. */
function read({ key, value }: EtcdKeyValue, folder: string): Instance {
  return { ...instanceFromJson(value), id: key.slice(folder.length) };
}
