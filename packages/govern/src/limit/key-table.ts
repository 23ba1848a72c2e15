import type { Gate, Verdict } from "./gate.js";

interface Entry<G> {
  readonly key: string;
  readonly gate: G;
  newer: Entry<G> | undefined;
  older: Entry<G> | undefined;
}

/**
 * A gate for each key, at most `maxKeys` of them. A key that has not been used the longest makes room for a new one, but
 * only when its gate is idle, so forgetting it changes nothing. While there is none, new keys share the `overflow` gate:
 * a flood of invented keys then fills the table and gets one key's rate beyond it, and keys that are in use keep theirs.
 */
export class KeyTable<G extends Gate> {
  readonly #entries = new Map<string, Entry<G>>();
  readonly #make: (key: string) => G;
  readonly #overflow: G;
  #maxKeys: number;
  #newest: Entry<G> | undefined;
  #oldest: Entry<G> | undefined;
  /** Calls decided by the overflow gate. */
  overflowed = 0;

  constructor(maxKeys: number, make: (key: string) => G, overflow: G) {
    this.#maxKeys = maxKeys;
    this.#make = make;
    this.#overflow = overflow;
  }

  get size(): number {
    return this.#entries.size;
  }

  take(key: string, now: number): Verdict {
    return this.gate(key, now).take(now);
  }

  /** The key's gate; also the overflow gate, which belongs to nobody. */
  gate(key: string, now: number): G {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      if (entry !== this.#newest) this.#renew(entry);
      return entry.gate;
    }
    if (this.#entries.size >= this.#maxKeys) this.#forgetIdle(now, 2);
    if (this.#entries.size >= this.#maxKeys) {
      this.overflowed++;
      return this.#overflow;
    }
    const made: Entry<G> = { key, gate: this.#make(key), newer: undefined, older: undefined };
    this.#entries.set(key, made);
    this.#append(made);
    return made.gate;
  }

  /** Keys that do not fit any more are forgotten when they are idle. */
  reload(maxKeys: number): void {
    this.#maxKeys = maxKeys;
  }

  /** The overflow gate last, with an empty key. */
  visitAll(visit: (gate: G, key: string) => void): void {
    for (const { gate, key } of this.#entries.values()) visit(gate, key);
    visit(this.#overflow, "");
  }

  #forgetIdle(now: number, most: number): void {
    for (let i = 0; i < most && this.#entries.size >= this.#maxKeys; i++) {
      const entry = this.#oldest;
      if (entry === undefined || !entry.gate.idle(now)) return;
      this.#unlink(entry);
      this.#entries.delete(entry.key);
    }
  }

  #renew(entry: Entry<G>): void {
    this.#unlink(entry);
    this.#append(entry);
  }

  #append(entry: Entry<G>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry<G>): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
  }
}
