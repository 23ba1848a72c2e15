import type { Clock } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";

/** Wrong passwords of one account, or from one address. */
export interface Failures {
  readonly count: number;
  /** No password is looked at before; ms since the epoch. */
  readonly lockedUntil: number;
}

export interface LockOutRules {
  /** So many wrong passwords cost nothing. */
  readonly free: number;
  /** The wait after the first that does cost; it doubles with each further one. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Failures are forgotten so long after the last one. */
  readonly forgetMs: number;
}

/** An account: 5 tries, then 1 s, 2 s, … 15 min. An address, which many may share: 20 tries. */
export const accountRules: LockOutRules = { free: 5, firstMs: 1000, maxMs: 900_000, forgetMs: 3_600_000 };
export const addressRules: LockOutRules = { ...accountRules, free: 20 };

/** What one more wrong password makes of the failures so far. */
export function failed(before: Failures | undefined, now: number, rules: LockOutRules): Failures {
  const count = (before?.count ?? 0) + 1;
  const beyond = count - rules.free;
  if (beyond < 0) return { count, lockedUntil: 0 };
  return { count, lockedUntil: now + Math.min(rules.maxMs, rules.firstMs * 2 ** Math.min(beyond, 30)) };
}

/** Failures by account and address, in a store that the instances share. */
export class LockOut {
  readonly #store: KeyValue;
  readonly #clock: Clock;

  constructor(store: KeyValue, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** How long until a password is looked at again, ms; 0: now. */
  async waitMs(keys: readonly string[]): Promise<number> {
    const now = this.#clock.now();
    const waits = await Promise.all(
      keys.map(async (key) => ((await this.#read(key)).failures?.lockedUntil ?? 0) - now),
    );
    return Math.max(0, ...waits);
  }

  /** Counts a try before its password is looked at, so that tries at the same time are counted too. */
  async count(key: string, rules: LockOutRules): Promise<void> {
    for (;;) {
      const { bytes, failures } = await this.#read(key);
      const next = failed(failures, this.#clock.now(), rules);
      if (await this.#store.compareAndSet(key, bytes, encode(next), rules.forgetMs)) return;
    }
  }

  async forget(key: string): Promise<void> {
    for (;;) {
      const { bytes } = await this.#read(key);
      if (bytes === undefined || (await this.#store.compareAndSet(key, bytes, undefined))) return;
    }
  }

  async #read(key: string): Promise<{ bytes: Uint8Array | undefined; failures: Failures | undefined }> {
    const bytes = await this.#store.get(key);
    if (bytes === undefined) return { bytes, failures: undefined };
    const [count = 0, lockedUntil = 0] = Buffer.from(bytes).toString().split(" ").map(Number);
    return { bytes, failures: { count, lockedUntil } };
  }
}

function encode({ count, lockedUntil }: Failures): Uint8Array {
  return Buffer.from(`${count} ${lockedUntil}`);
}
