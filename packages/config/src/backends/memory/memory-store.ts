import { type Clock, systemClock } from "@sampan/core";
import type { ConfigEvent, ConfigStore, ConfigVersion, ConfigWatch } from "@sampan/core/ports";
import { defaultDocumentLimits } from "../../document/limits.js";
import { ConfigErrors } from "../../errors.js";
import { requireSize } from "../key.js";
import { nothing } from "../revision.js";
import { Watches } from "../watches.js";

/** What all clients of one memory see. */
interface Shared {
  readonly documents: Map<string, ConfigVersion>;
  readonly waiting: Set<() => void>;
  revision: number;
  failure: Error | undefined;
}

/** Documents in this process, for tests and for a process that is its own centre. */
export class MemoryConfigStore implements ConfigStore {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #watches = new Watches();
  #shared: Shared = { documents: new Map(), waiting: new Set(), revision: 0, failure: undefined };

  constructor(options: { readonly clock?: Clock; readonly maxBytes?: number } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxBytes = options.maxBytes ?? defaultDocumentLimits.maxBytes;
  }

  /** Another client of the same documents, closed by itself. */
  beside(): MemoryConfigStore {
    const other = new MemoryConfigStore({ clock: this.#clock, maxBytes: this.#maxBytes });
    other.#shared = this.#shared;
    return other;
  }

  /** From now on everything fails so; undefined: it works again. */
  fail(failure: Error | undefined): void {
    this.#shared.failure = failure;
    this.#wake();
  }

  async get(key: string): Promise<ConfigVersion> {
    this.#require(key);
    return this.#shared.documents.get(key) ?? nothing;
  }

  async publish(key: string, text: string | undefined, expected?: string): Promise<string> {
    this.#require(key);
    requireSize(key, text, this.#maxBytes);
    const present = this.#shared.documents.get(key) ?? nothing;
    if (expected !== undefined && present.revision !== expected) throw ConfigErrors.CHANGED_MEANWHILE({ key });
    const version = text === undefined ? nothing : { text, revision: `${++this.#shared.revision}` };
    if (text === undefined) this.#shared.documents.delete(key);
    else this.#shared.documents.set(key, version);
    this.#wake();
    return version.revision;
  }

  watch(key: string, listener: (event: ConfigEvent) => void): ConfigWatch {
    const follow = async (tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        const woken = this.#woken(signal);
        if (this.#shared.failure !== undefined) throw this.#shared.failure;
        tell(this.#shared.documents.get(key) ?? nothing);
        await woken;
      }
    };
    return this.#watches.open({ key, clock: this.#clock, follow }, listener);
  }

  async close(): Promise<void> {
    this.#watches.close();
    this.#wake();
  }

  #require(key: string): void {
    this.#watches.requireOpen(key);
    if (this.#shared.failure !== undefined) throw this.#shared.failure;
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#shared.waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#shared.waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#shared.waiting]) wake();
  }
}
