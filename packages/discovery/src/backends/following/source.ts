import type { Instance } from "@sampan/core/ports";

/** What one look at a registry may use. */
export interface Session {
  /** Aborts when nobody watches any more, or somebody asked to look again. */
  readonly signal: AbortSignal;
  /** The full set. Made when it is time to tell it: sets that follow each other closely are told as one. */
  tell(set: () => readonly Instance[]): void;
  /** Waits, at most until the signal aborts. */
  pause(ms: number): Promise<void>;
  /** Resolves when the signal aborts: for a source that is told of changes, and has nothing to wait for. */
  ended(): Promise<void>;
  /** Entries that were left out because they cannot be read, and the first reason. */
  leftOut(count: number, why: string): void;
}

/** Where a backend's instances come from. It decides how to ask; when to ask again is decided for all backends alike. */
export interface InstanceSource {
  /**
   * One session: asks, tells, follows the changes while it can. Resolves with ms to wait before the next, 0 when the way
   * it followed has ended; rejects with whatever went wrong. Must end soon after its signal aborts.
   */
  follow(service: string, session: Session): Promise<number>;
  /** Frees connections. */
  close(): Promise<void>;
}
