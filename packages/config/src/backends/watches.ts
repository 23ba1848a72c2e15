import type { ConfigEvent, ConfigWatch } from "@sampan/core/ports";
import { ConfigErrors } from "../errors.js";
import { requireKey } from "./key.js";
import { type Following, KeyWatch } from "./key-watch.js";

/** The open watches of a store. */
export class Watches {
  readonly #open = new Set<KeyWatch>();
  #closed = false;

  /** Throws `BAD_KEY`, and `CLOSED`. */
  open(following: Following, listener: (event: ConfigEvent) => void): ConfigWatch {
    this.requireOpen(following.key);
    const watch = new KeyWatch(following, listener, (closed) => this.#open.delete(closed));
    this.#open.add(watch);
    return watch;
  }

  requireOpen(key: string): void {
    requireKey(key);
    if (this.#closed) throw ConfigErrors.CLOSED();
  }

  close(): void {
    this.#closed = true;
    for (const watch of [...this.#open]) watch.close();
  }
}
