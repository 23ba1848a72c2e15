/** Rules as a source has them. */
export interface SourcedRules {
  readonly text: string;
  /** Tells one version from another: a hash, or the source's own number. */
  readonly revision: string;
}

export interface RuleWatcher {
  rules(rules: SourcedRules): void;
  /** The source cannot be read at present; it goes on trying. */
  failed(error: unknown): void;
}

/** Where rules come from: a file, later etcd, Consul or Nacos. */
export interface RuleSource {
  /** For messages, such as the file's path. */
  readonly name: string;
  /**
   * Tells the rules once they are read, and again when they have changed; never the same revision twice in a row.
   * Nothing is called before `watch` has returned, nor after the returned function was called.
   */
  watch(watcher: RuleWatcher): () => void;
}
