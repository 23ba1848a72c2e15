import type { CancelTimer, Clock } from "@sampan/core";
import type { Instance } from "@sampan/core/ports";
import { checkInstance, DiscoveryErrors } from "@sampan/discovery";

/** One registration in the book. It ends when it is removed, or some time after it lapsed. */
export interface Lease {
  readonly service: string;
  readonly id: string;
  /** Called when it was ended by somebody else than whoever holds it: evicted, or taken over. */
  readonly lost: () => void;
}

interface Entry {
  instance: Instance;
  /** Who may change and end it: the last that registered it. */
  lease: Lease;
  expiry: CancelTimer | undefined;
}

interface Shelf {
  readonly entries: Map<string, Entry>;
  readonly watchers: Set<() => void>;
}

export interface RegistryBookOptions {
  readonly clock: Clock;
  /** Instances of all services together; more are refused. Default 20000. */
  readonly maxInstances?: number;
}

/** As protobuf names a service; nothing that could be a path in some registry. */
const serviceName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
const notAName = "its service has no usable name";

export function isServiceName(service: string): boolean {
  return serviceName.test(service);
}

/** The instances that the processes of an installation have registered, in the process that supervises them. */
export class RegistryBook {
  readonly #clock: Clock;
  readonly #maxInstances: number;
  readonly #shelves = new Map<string, Shelf>();
  #count = 0;

  constructor({ clock, maxInstances = 20_000 }: RegistryBookOptions) {
    this.#clock = clock;
    this.#maxInstances = maxInstances;
  }

  /** Of an id that is there already, the newer registration holds. Throws `INSTANCE_INVALID`, and `REGISTRY_FAILED` when it is full. */
  register(service: string, instance: Instance, lost: () => void = () => {}): Lease {
    const why = isServiceName(service) ? checkInstance(instance) : notAName;
    if (why !== undefined) throw DiscoveryErrors.INSTANCE_INVALID({ service, why });
    const { entries } = this.#shelf(service);
    const lease = { service, id: instance.id, lost };
    const known = entries.get(instance.id);
    if (known === undefined) {
      if (this.#count >= this.#maxInstances) {
        this.#tidy(service);
        const registry = "of the supervisor";
        throw DiscoveryErrors.REGISTRY_FAILED({ registry, why: `it holds ${this.#maxInstances} instances already` });
      }
      this.#count++;
    } else {
      known.expiry?.();
      known.lease.lost();
    }
    entries.set(instance.id, { instance, lease, expiry: undefined });
    this.#changed(service);
    return lease;
  }

  /** Replaces what is known of an instance. False when the lease has ended or another holds. Throws `INSTANCE_INVALID`. */
  replace(lease: Lease, instance: Instance): boolean {
    const { service, id } = lease;
    const why = instance.id === id ? checkInstance(instance) : `its id changes from ${id} to ${instance.id}`;
    if (why !== undefined) throw DiscoveryErrors.INSTANCE_INVALID({ service, why });
    const entry = this.#heldBy(lease);
    if (entry === undefined) return false;
    entry.instance = instance;
    this.#changed(service);
    return true;
  }

  /** Whoever registered it is not heard any more: it goes after `ttlMs`, unless it is registered again. */
  lapse(lease: Lease, ttlMs: number): void {
    const entry = this.#heldBy(lease);
    if (entry === undefined) return;
    if (ttlMs <= 0) this.remove(lease);
    else entry.expiry = this.#clock.timer(ttlMs, () => this.remove(lease), { background: true });
  }

  remove(lease: Lease): void {
    if (this.#heldBy(lease) !== undefined) this.#drop(lease.service, lease.id);
  }

  /** Everything whose id the test says is gone, such as that of a process that has ended. */
  evict(isGone: (id: string) => boolean): void {
    for (const [service, { entries }] of this.#shelves)
      for (const [id, { lease }] of [...entries]) {
        if (!isGone(id)) continue;
        this.#drop(service, id);
        lease.lost();
      }
  }

  instances(service: string): readonly Instance[] {
    return [...(this.#shelves.get(service)?.entries.values() ?? [])].map(({ instance }) => instance);
  }

  /** Called after each change, not with what has changed: the watcher looks when it has time. The result ends it. */
  watch(service: string, changed: () => void): () => void {
    this.#shelf(service).watchers.add(changed);
    return () => {
      this.#shelves.get(service)?.watchers.delete(changed);
      this.#tidy(service);
    };
  }

  #heldBy(lease: Lease): Entry | undefined {
    const entry = this.#shelves.get(lease.service)?.entries.get(lease.id);
    return entry?.lease === lease ? entry : undefined;
  }

  #drop(service: string, id: string): void {
    const entries = this.#shelves.get(service)?.entries;
    entries?.get(id)?.expiry?.();
    if (entries?.delete(id) === true) this.#count--;
    this.#changed(service);
    this.#tidy(service);
  }

  #shelf(service: string): Shelf {
    let shelf = this.#shelves.get(service);
    if (shelf === undefined) {
      shelf = { entries: new Map(), watchers: new Set() };
      this.#shelves.set(service, shelf);
    }
    return shelf;
  }

  #changed(service: string): void {
    for (const watcher of this.#shelves.get(service)?.watchers ?? []) watcher();
  }

  #tidy(service: string): void {
    const shelf = this.#shelves.get(service);
    if (shelf?.entries.size === 0 && shelf.watchers.size === 0) this.#shelves.delete(service);
  }
}
