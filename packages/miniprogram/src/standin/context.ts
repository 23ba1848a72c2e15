import type { Clock } from "@sampan/core";
import type { StandinKeys } from "./keys.js";
import type { Quotas } from "./quota.js";
import type { StandinRules } from "./rules.js";
import type { ShiftedClock } from "./shifted-clock.js";
import type { Store } from "./state/store.js";

/** What every part of a stand-in works with. */
export interface StandinContext {
  readonly keys: StandinKeys;
  readonly rules: StandinRules;
  readonly store: Pick<Store, "state" | "commit" | "durable">;
  readonly quotas: Quotas;
  /** The time of the platform's rules: codes, tokens, expiry, retries. Can be moved forward. */
  readonly clock: ShiftedClock;
  /**
   * The time in signatures, never moved: after a fast-forward the merchant's clock and the platform's would differ by
   * more than the 300 s that both sides allow.
   */
  readonly signingClock: Clock;
}
