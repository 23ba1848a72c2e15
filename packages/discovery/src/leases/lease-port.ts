import type { Instance } from "@sampan/core/ports";

/** One instance that is announced. */
export interface Announcement {
  readonly service: string;
  readonly instance: Instance;
}

/**
 * One registration at a registry, as a backend does it: nothing here decides when. Every function may be called again
 * after it has failed, and rejects with whatever went wrong.
 */
export interface LeasePort {
  /** Begins a lease and announces the instance under it, whatever was there before. */
  take(announcement: Announcement, signal: AbortSignal): Promise<void>;
  /** Makes the lease last from now; false when the registry does not have it any more. */
  renew(signal: AbortSignal): Promise<boolean>;
  /** Announces the instance otherwise under the same lease; false when the registry does not have it any more. */
  replace(announcement: Announcement, signal: AbortSignal): Promise<boolean>;
  /** Takes the instance out. One that is not there is fine. */
  drop(signal: AbortSignal): Promise<void>;
}

/** A backend's connections, shared by its registrations. */
export interface LeaseBackend {
  /** The registry's name, for messages. */
  readonly registry: string;
  /** What keeps an instance from being announced here at all; undefined when nothing does. */
  refusal(announcement: Announcement): string | undefined;
  open(): LeasePort;
  close(): void;
}
