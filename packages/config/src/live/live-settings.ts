import type { SettingSections, SettingsValues } from "../settings.js";
import type { Compiled } from "./compile.js";
import { sameValue } from "./same-value.js";
import { TenantValues } from "./tenant-values.js";

/** Told of a new snapshot. Throwing refuses it: everybody goes back to the one before. Must not wait. */
export type LiveListener<V> = (now: V, before: V) => void;

/** Settings of a section that may change while the process runs. */
export interface LiveView<V> {
  /** Frozen; another object after a change. Settings that are not declared `live` stay as they were at the start. */
  readonly current: V;
  /** As `current`, with what is different for a tenant. */
  for(tenant: string): V;
  /** Called after each change of the section, also when it changed for some tenants only. Returns what ends it. */
  watch(listener: LiveListener<V>): () => void;
}

/** What came of new settings. */
export interface Swap {
  /** Live settings that are another now, by name. */
  readonly changed: readonly string[];
  /** Settings that have a new value and are not live: it holds from the next start. */
  readonly waiting: readonly string[];
}

interface Snapshot<G extends SettingSections> {
  readonly values: SettingsValues<G>;
  readonly compiled: Compiled<G>;
  readonly tenants: TenantValues<SettingsValues<G>>;
}

interface Watcher {
  readonly section: string;
  readonly tell: LiveListener<unknown>;
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The settings in force. `swap` changes all of them at once or none; no I/O, and nothing waits. */
export class LiveSettings<G extends SettingSections = SettingSections> {
  readonly #sections: G;
  readonly #start: SettingsValues<G>;
  #snapshot: Snapshot<G>;
  readonly #watchers = new Set<Watcher>();

  constructor(sections: G, start: Compiled<G>) {
    this.#sections = sections;
    this.#start = start.values;
    this.#snapshot = this.#snapshotOf(start);
  }

  get current(): SettingsValues<G> {
    return this.#snapshot.values;
  }

  for(tenant: string): SettingsValues<G> {
    return this.#snapshot.tenants.of(tenant);
  }

  /** What is in force, with its sources. */
  get compiled(): Compiled<G> {
    return this.#snapshot.compiled;
  }

  /** Of a section that does not exist: an empty one. */
  view<K extends keyof G & string>(section: K): LiveView<SettingsValues<G>[K]> {
    type V = SettingsValues<G>[K];
    const none = Object.freeze({}) as V;
    const current = (): V => this.current[section] ?? none;
    return {
      get current() {
        return current();
      },
      for: (tenant) => this.for(tenant)[section] ?? none,
      watch: (listener) => {
        const watcher: Watcher = { section, tell: listener as LiveListener<unknown> };
        this.#watchers.add(watcher);
        return () => void this.#watchers.delete(watcher);
      },
    };
  }

  /**
   * Puts new settings in force. When a listener throws, everything is as before: the listeners that were told are told
   * the former values again, the last first, and what the one threw is thrown.
   */
  swap(compiled: Compiled<G>): Swap {
    const before = this.#snapshot;
    const next = this.#snapshotOf(compiled);
    const changed = this.#different(before.values as Sections, next.values as Sections);
    const waiting = this.#different(next.values as Sections, compiled.values as Sections);
    this.#snapshot = next;
    const everyone = before.compiled.tenantRules !== compiled.tenantRules;
    const sections = new Set(changed.map((name) => name.slice(0, name.indexOf("."))));
    const told: Watcher[] = [];
    try {
      for (const watcher of [...this.#watchers]) {
        if (!everyone && !sections.has(watcher.section)) continue;
        told.push(watcher);
        tell(watcher, next.values as Sections, before.values as Sections);
      }
    } catch (refusal) {
      this.#snapshot = before;
      for (const watcher of told.reverse()) {
        try {
          tell(watcher, before.values as Sections, next.values as Sections);
        } catch {
          // It has been told; what it does not take back it keeps to itself.
        }
      }
      throw refusal;
    }
    return { changed, waiting };
  }

  #snapshotOf(compiled: Compiled<G>): Snapshot<G> {
    const values = this.#withStart(compiled.values);
    const tenants = new TenantValues(
      values,
      // One object for each different one of the compilation, and `values` for its own base.
      (tenant) => (compiled.for(tenant) === compiled.values ? "" : `of ${tenant}`),
      (tenant) => this.#withStart(compiled.for(tenant)),
    );
    return { values, compiled, tenants };
  }

  /** Live settings as they are now, the others as they were at the start. */
  #withStart(values: SettingsValues<G>): SettingsValues<G> {
    const merged: Record<string, Record<string, unknown>> = {};
    for (const [section, { fields }] of Object.entries(this.#sections)) {
      const now = (values as Sections)[section] ?? {};
      const start = (this.#start as Sections)[section] ?? {};
      const own: Record<string, unknown> = {};
      for (const [key, { live }] of Object.entries(fields)) own[key] = live ? now[key] : start[key];
      merged[section] = Object.freeze(own);
    }
    return Object.freeze(merged) as SettingsValues<G>;
  }

  #different(one: Sections, other: Sections): string[] {
    const names: string[] = [];
    for (const [section, { fields }] of Object.entries(this.#sections)) {
      for (const key of Object.keys(fields)) {
        if (!sameValue(one[section]?.[key], other[section]?.[key])) names.push(`${section}.${key}`);
      }
    }
    return names;
  }
}

function tell({ section, tell: listener }: Watcher, now: Sections, before: Sections): void {
  listener(now[section] ?? {}, before[section] ?? {});
}
