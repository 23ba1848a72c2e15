import { type CancelTimer, type Clock, RpcError } from "@sampan/core";
import type { ConfigEvent, ConfigVersion, ConfigWatch } from "@sampan/core/ports";
import { ConfigErrors } from "../errors.js";

/** How a backend follows a key. */
export interface Following {
  readonly key: string;
  readonly clock: Clock;
  /**
   * Tells the present version and each later one until the signal aborts. Throws when the store fails: it is called
   * again after a while then, and soon when it merely returns. Telling the same version again does no harm.
   */
  follow(tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void>;
}

/** Between tries after a failure. */
const firstRetryMs = 100;
const lastRetryMs = 2000;
/** After following that ended by itself: a server that always ends it must not be asked without a pause. */
const againMs = 20;

/** What all backends share: the rules of `ConfigSource.watch`, and trying again. */
export class KeyWatch implements ConfigWatch {
  readonly #following: Following;
  readonly #listener: (event: ConfigEvent) => void;
  readonly #onClose: (watch: KeyWatch) => void;
  readonly #abort = new AbortController();
  /** The last thing told. */
  #told: { readonly revision: string } | { readonly failure: string } | undefined;

  constructor(following: Following, listener: (event: ConfigEvent) => void, onClose: (watch: KeyWatch) => void) {
    this.#following = following;
    this.#listener = listener;
    this.#onClose = onClose;
    void this.#run();
  }

  close(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#onClose(this);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const { clock } = this.#following;
    // Never synchronously: whoever watches has not got its watch yet.
    await Promise.resolve();
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#following.follow((version) => {
          failures = 0;
          this.#version(version);
        }, signal);
        await pause(clock, againMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
        await pause(clock, Math.min(lastRetryMs, firstRetryMs * 2 ** failures++), signal);
      }
    }
  }

  #version(version: ConfigVersion): void {
    if (this.#abort.signal.aborted) return;
    if (this.#told !== undefined && "revision" in this.#told && this.#told.revision === version.revision) return;
    this.#told = { revision: version.revision };
    this.#listener(version);
  }

  #failed(thrown: unknown): void {
    const { key } = this.#following;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const error = thrown instanceof RpcError ? thrown : ConfigErrors.SOURCE_FAILED({ key, why }, { cause: thrown });
    if (this.#told !== undefined && "failure" in this.#told && this.#told.failure === error.message) return;
    this.#told = { failure: error.message };
    this.#listener({ error });
  }
}

/** Waits, or until the signal aborts; does not keep the process alive. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let cancel: CancelTimer = () => {};
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", end);
    cancel = clock.timer(ms, end, { background: true });
  });
}
