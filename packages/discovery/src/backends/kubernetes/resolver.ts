import type { Resolver } from "@sampan/core/ports";
import { array, KubernetesClient, type KubernetesOptions, record, refusedStatus, text } from "@sampan/engines";
import { readEntries } from "../entries/read-entries.js";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { InstanceSource, Session } from "../following/source.js";
import type { SliceReading } from "./endpoint-slice.js";
import { Slices } from "./slices.js";

/** Where the API server is (`inCluster` in `@sampan/engines` finds it from inside a pod). */
export interface KubernetesSettings extends KubernetesOptions {
  readonly namespace: string;
  /** The name of the port that is called. Default: a slice's first. */
  readonly port?: string;
  /** Default `release`: the label of a Service that says which release its instances run. */
  readonly releaseLabel?: string;
  /** Which slices are a service's. Default: those of the Service of that name. */
  readonly selectorOf?: (service: string) => string;
}

/** Lists and watches EndpointSlices. There is no registrar: Kubernetes announces pods itself. */
export function kubernetesResolver(settings: KubernetesSettings, options: FollowingOptions = {}): Resolver {
  return followingResolver("Kubernetes", new KubernetesSource(settings), options);
}

/** Slices in one page of a list. */
const pageSize = "100";

/** How long the server may keep a watch open, in seconds; it then goes on from where it was. */
const watchSeconds = "300";

interface Position {
  readonly slices: Slices;
  version: string;
}

class KubernetesSource implements InstanceSource {
  readonly #settings: KubernetesSettings;
  readonly #client: KubernetesClient;
  /** Where each service's last session ended, so that the next goes on from there. */
  readonly #positions = new Map<string, Position>();

  constructor(settings: KubernetesSettings) {
    this.#settings = settings;
    this.#client = new KubernetesClient({ timeoutMs: 5000, ...settings });
  }

  async follow(service: string, session: Session): Promise<number> {
    const before = this.#positions.get(service);
    // Taken away until this session has come to a good end: after any other the list is the safe way.
    this.#positions.delete(service);
    const position = before ?? (await this.#list(service, session));
    await this.#tell(position.slices, session);
    try {
      await this.#watch(service, position, session);
    } catch (error) {
      session.signal.throwIfAborted();
      // The history from there on is gone: list anew.
      if (refusedStatus(error) === 410) return 0;
      throw error;
    }
    // The server has ended the watch, as it does every few minutes.
    if (!session.signal.aborted) this.#positions.set(service, position);
    return 0;
  }

  async close(): Promise<void> {
    this.#positions.clear();
    this.#client.close();
  }

  async #list(service: string, session: Session): Promise<Position> {
    const slices = new Slices(this.#reading());
    let more: Record<string, string> = {};
    for (;;) {
      const page = await this.#client.get(
        this.#path(),
        { ...this.#query(service), limit: pageSize, ...more },
        session.signal,
      );
      for (const slice of array(page.items)) slices.put(record(slice));
      const { resourceVersion, continue: next } = record(page.metadata);
      if (!next) return { slices, version: text(resourceVersion) };
      more = { continue: text(next) };
    }
  }

  async #watch(service: string, position: Position, session: Session): Promise<void> {
    const query = { ...this.#query(service), resourceVersion: position.version, timeoutSeconds: watchSeconds };
    for await (const { type, object } of this.#client.watch(this.#path(), query, session.signal)) {
      position.version = text(record(object.metadata).resourceVersion) || position.version;
      if (type === "ADDED" || type === "MODIFIED") position.slices.put(object);
      else if (type === "DELETED") position.slices.remove(object);
      // A bookmark moves the position only.
      else continue;
      await this.#tell(position.slices, session);
    }
  }

  async #tell(slices: Slices, session: Session): Promise<void> {
    const instances = await readEntries(slices.instances(), session, (instance) => instance);
    session.tell(() => instances);
  }

  #reading(): SliceReading {
    return { port: this.#settings.port ?? "", releaseLabel: this.#settings.releaseLabel ?? "release" };
  }

  #path(): string {
    return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(this.#settings.namespace)}/endpointslices`;
  }

  #query(service: string): Record<string, string> {
    return { labelSelector: this.#settings.selectorOf?.(service) ?? `kubernetes.io/service-name=${service}` };
  }
}
