import type { RpcError } from "../rpc-error.js";

/** One version of a document of configuration. */
export interface ConfigVersion {
  /** Undefined when there is none under the key. */
  readonly text: string | undefined;
  /** Tells one version from another: the store's own number, or a hash. Empty when there is none. */
  readonly revision: string;
}

/**
 * What a watch tells: a whole version, or why it is not known at the moment. Never a difference, so that a listener that
 * has missed one event has missed nothing.
 */
export type ConfigEvent =
  | ConfigVersion
  /** The source cannot be asked; it goes on trying, and what was known before stays in use. */
  | { readonly error: RpcError };

export interface ConfigWatch {
  /** No event after this. */
  close(): void;
}

/** Where documents of configuration come from. Keys are paths such as `sampan/production/order`. */
export interface ConfigSource {
  /**
   * The first event comes soon, also when it is an error; later ones when something changes. Never synchronously, and
   * never the same twice in a row: but after an error the version comes again, to say that all is well.
   */
  watch(key: string, listener: (event: ConfigEvent) => void): ConfigWatch;
  /** Ends all watches and frees everything. */
  close(): Promise<void>;
}

/** A source that can be written, too. Rejects with `Unavailable` when it cannot be reached. */
export interface ConfigStore extends ConfigSource {
  get(key: string): Promise<ConfigVersion>;
  /**
   * Writes the document; undefined removes it. With `expected` only when that is the present revision (empty: when there
   * is none), and rejects with `Aborted` otherwise, changing nothing. Resolves with the revision that the key then has.
   */
  publish(key: string, text: string | undefined, expected?: string): Promise<string>;
}
