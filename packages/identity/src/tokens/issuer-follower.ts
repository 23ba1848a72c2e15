import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { IssuerSource } from "./issuer-source.js";
import type { Revocations } from "./revocations.js";
import { IdentityErrors } from "./token-errors.js";
import type { TokenKeySet } from "./token-key-set.js";

export interface IssuerFollowerOptions {
  readonly source: IssuerSource;
  readonly keySet: TokenKeySet;
  readonly revocations: Revocations;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** How often revocations are asked for, so how long one takes to be known here. Default 1 s. */
  readonly everyMs?: number;
  /** How often the key set is asked for. Less than keys are published ahead. Default 1 min. */
  readonly keysEveryMs?: number;
  /**
   * For how long tokens are taken while the issuer does not say what it has revoked. Default 0: for as long as it
   * lasts, because an auth service that is down would otherwise take everything else with it.
   */
  readonly maxSilenceMs?: number;
}

/** How often an unknown key id may make us ask: a forger's tokens must not load the issuer. */
const unknownKeyCooldownMs = 5000;

/**
 * Keeps a verifier's keys and revocations up to date by asking the issuer, one question at a time. What fails is logged
 * once when it begins, and asked again at the next time.
 */
export class IssuerFollower {
  readonly #options: IssuerFollowerOptions;
  readonly #clock: Clock;
  #after = 0;
  #cancel: CancelTimer = () => {};
  #running = false;
  #failing = false;
  #lastHeard = Number.NEGATIVE_INFINITY;
  #lastKeys = Number.NEGATIVE_INFINITY;
  #askingKeys: Promise<void> | undefined;

  constructor(options: IssuerFollowerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    options.keySet.onUnknown = () => this.#keysAgain();
  }

  /** Resolves after the first answers, or after the first try that failed. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#round();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** Throws `KEYS_UNAVAILABLE` when the issuer has been silent for too long. */
  requireFresh(): void {
    const { maxSilenceMs = 0 } = this.#options;
    if (maxSilenceMs > 0 && this.#clock.monotonic() - this.#lastHeard > maxSilenceMs)
      throw IdentityErrors.KEYS_UNAVAILABLE();
  }

  async #round(): Promise<void> {
    const { keysEveryMs = 60_000, everyMs = 1000, logger } = this.#options;
    try {
      if (this.#clock.monotonic() - this.#lastKeys >= keysEveryMs) await this.#askKeys();
      await this.#askRevocations();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        logger.warn("the issuer of tokens does not answer: what it revokes now is not known here", { error });
      this.#failing = true;
    }
    if (this.#running) this.#cancel = this.#clock.timer(everyMs, () => void this.#round(), { background: true });
  }

  async #askRevocations(): Promise<void> {
    const { source, revocations } = this.#options;
    const now = this.#clock.now();
    for (;;) {
      const { revocations: found, last } = await source.revocations(this.#after);
      for (const each of found) revocations.add(each, now);
      if (last === this.#after) break;
      this.#after = last;
    }
    revocations.prune(now);
    this.#lastHeard = this.#clock.monotonic();
  }

  /** Those who ask at the same time wait for the same answer. */
  #askKeys(): Promise<void> {
    this.#askingKeys ??= (async () => {
      try {
        const keys = await this.#options.source.keys();
        this.#options.keySet.replace(keys);
      } finally {
        this.#askingKeys = undefined;
      }
      this.#lastKeys = this.#clock.monotonic();
    })();
    return this.#askingKeys;
  }

  async #keysAgain(): Promise<void> {
    const tooSoon = this.#clock.monotonic() - this.#lastKeys < unknownKeyCooldownMs;
    if (this.#options.keySet.loaded && tooSoon) return;
    // The token is refused as one of an unknown key; why the issuer did not answer is logged by the next round.
    await this.#askKeys().catch(() => {});
  }
}
