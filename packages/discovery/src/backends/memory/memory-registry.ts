import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import type { Instance } from "@sampan/core/ports";

interface Entry {
  readonly lease: number;
  readonly service: string;
  readonly ttlMs: number;
  instance: Instance;
  expiresAt: number;
  cancel: CancelTimer;
}

export interface MemoryRegistryOptions {
  readonly clock?: Clock;
  /** Instances of all services together. Default 20000. */
  readonly maxInstances?: number;
}

/**
 * A registry in this process: for services that share it, and for the supervisor, whose server offers these functions to
 * the processes it has started. An instance is there as long as its lease is renewed.
 */
export class MemoryRegistry {
  readonly #clock: Clock;
  readonly #maxInstances: number;
  readonly #services = new Map<string, Map<string, Entry>>();
  readonly #leases = new Map<number, Entry>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #lastLease = 0;

  constructor(options: MemoryRegistryOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxInstances = options.maxInstances ?? 20_000;
  }

  /** Announces under a new lease, in place of another instance of that id; undefined when the registry is full. */
  announce(service: string, instance: Instance, ttlMs: number): number | undefined {
    const before = this.#services.get(service)?.get(instance.id);
    if (before !== undefined) this.#remove(before);
    if (this.#leases.size >= this.#maxInstances) return undefined;
    const lease = ++this.#lastLease;
    const entry: Entry = { lease, service, instance, ttlMs, expiresAt: 0, cancel: () => {} };
    this.#leases.set(lease, entry);
    this.#of(service).set(instance.id, entry);
    this.#extend(entry);
    this.#arm(entry);
    this.#changed(service);
    return lease;
  }

  /** False when the lease has run out. */
  renew(lease: number): boolean {
    const entry = this.#leases.get(lease);
    if (entry !== undefined) this.#extend(entry);
    return entry !== undefined;
  }

  /** Announces otherwise under the same lease, which is renewed; false when it has run out. The id stays. */
  replace(lease: number, instance: Instance): boolean {
    const entry = this.#leases.get(lease);
    if (entry === undefined) return false;
    entry.instance = { ...instance, id: entry.instance.id };
    this.#extend(entry);
    this.#changed(entry.service);
    return true;
  }

  /** Takes the instance out; nothing when the lease has run out already. */
  drop(lease: number): void {
    const entry = this.#leases.get(lease);
    if (entry === undefined) return;
    this.#remove(entry);
    this.#changed(entry.service);
  }

  instances(service: string): readonly Instance[] {
    return [...(this.#services.get(service)?.values() ?? [])].map(({ instance }) => instance);
  }

  /** Calls when the instances of a service have changed; the listener then asks for them. */
  watch(service: string, listener: () => void): { close(): void } {
    const listeners = this.#listeners.get(service) ?? new Set();
    this.#listeners.set(service, listeners);
    listeners.add(listener);
    return {
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#listeners.get(service) === listeners) this.#listeners.delete(service);
      },
    };
  }

  /** Forgets everything, as a registry that was restarted has. */
  clear(): void {
    for (const entry of [...this.#leases.values()]) this.drop(entry.lease);
  }

  #of(service: string): Map<string, Entry> {
    const entries = this.#services.get(service) ?? new Map<string, Entry>();
    this.#services.set(service, entries);
    return entries;
  }

  #extend(entry: Entry): void {
    entry.expiresAt = this.#clock.monotonic() + entry.ttlMs;
  }

  /** A renewal moves the time only; the timer finds that out when it fires. */
  #arm(entry: Entry): void {
    const left = entry.expiresAt - this.#clock.monotonic();
    entry.cancel = this.#clock.timer(
      left,
      () => {
        if (entry.expiresAt > this.#clock.monotonic()) this.#arm(entry);
        else this.drop(entry.lease);
      },
      { background: true },
    );
  }

  #remove(entry: Entry): void {
    entry.cancel();
    this.#leases.delete(entry.lease);
    const entries = this.#services.get(entry.service);
    entries?.delete(entry.instance.id);
    if (entries?.size === 0) this.#services.delete(entry.service);
  }

  #changed(service: string): void {
    for (const listener of [...(this.#listeners.get(service) ?? [])]) listener();
  }
}
