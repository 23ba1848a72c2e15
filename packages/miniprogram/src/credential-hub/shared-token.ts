import { randomBytes } from "node:crypto";
import type { Clock } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import type { AccessToken, HubRules } from "./access-token.js";
import type { TokenSeal } from "./sealed-token.js";

/**
 * An app's token, and the lease of whoever fetches it, in the store that all instances share. Everything rejects with
 * `StoreAway` when the store does, or takes too long.
 */
export class SharedToken {
  readonly #store: KeyValue;
  readonly #seal: TokenSeal;
  readonly #clock: Clock;
  readonly #rules: HubRules;
  readonly #tokenKey: string;
  readonly #leaseKey: string;
  readonly #forcedKey: string;
  readonly #holder = randomBytes(16);

  constructor(store: KeyValue, name: string, seal: TokenSeal, clock: Clock, rules: HubRules) {
    this.#store = store;
    this.#seal = seal;
    this.#clock = clock;
    this.#rules = rules;
    this.#tokenKey = `miniprogram/token/${name}`;
    this.#leaseKey = `miniprogram/token-lease/${name}`;
    this.#forcedKey = `miniprogram/token-forced/${name}`;
  }

  async read(): Promise<AccessToken | undefined> {
    const record = await this.#limited(this.#store.get(this.#tokenKey));
    return record === undefined ? undefined : this.#seal.open(record);
  }

  write(token: AccessToken): Promise<void> {
    const left = Math.max(1, token.expiresAt - this.#clock.now());
    return this.#limited(this.#store.put(this.#tokenKey, this.#seal.seal(token), left));
  }

  /** Whether the lease is ours now. It ends by itself, by the store's clock, should this process die. */
  takeLease(): Promise<boolean> {
    return this.#limited(this.#store.compareAndSet(this.#leaseKey, undefined, this.#holder, this.#rules.leaseMs));
  }

  /** Gives the lease back, unless it has ended and is another's. */
  async releaseLease(): Promise<void> {
    await this.#limited(this.#store.compareAndSet(this.#leaseKey, this.#holder, undefined));
  }

  /** Takes one of the forced renewals that all instances share; false when there is none now. */
  async takeForced(): Promise<boolean> {
    const { forcedSpacingMs, forcedPerDay } = this.#rules;
    const spaced = this.#store.compareAndSet(`${this.#forcedKey}/spacing`, undefined, Buffer.of(1), forcedSpacingMs);
    if (!(await this.#limited(spaced))) return false;
    const limits = { limit: forcedPerDay, ttlMs: 86_400_000 };
    return (await this.#limited(this.#store.increment(`${this.#forcedKey}/day`, 1, limits))).added;
  }

  #limited<T>(asked: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const away = (cause: unknown): void => reject(new StoreAway(cause));
      const stop = this.#clock.timer(this.#rules.storeTimeoutMs, () => away(new Error("no answer in time")), {
        background: true,
      });
      asked.then(resolve, away).finally(stop);
    });
  }
}

/** The shared store cannot be used now. */
export class StoreAway extends Error {
  constructor(cause: unknown) {
    super("the shared store is away", { cause });
  }
}
