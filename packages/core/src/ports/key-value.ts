/** What is asked of a shared token bucket. */
export interface TokenRequest {
  /** How many tokens are wanted; fractions are allowed. */
  readonly tokens: number;
  readonly ratePerSecond: number;
  /** How many tokens the bucket holds at most, and at first. */
  readonly burst: number;
}

export interface TokenGrant {
  /** From 0 to what was wanted. */
  readonly granted: number;
  /** How long until another token is there, ms; 0 when one is left. */
  readonly waitMs: number;
}

/**
 * Small values that the processes of an installation share. Every operation is atomic, time to live and token buckets
 * go by the store's own clock, and a value that has expired is not there. Values are copied in and out.
 *
 * Everything rejects with `Unavailable` when the store is closed or away, and may then have happened or not.
 */
export interface KeyValue {
  get(key: string): Promise<Uint8Array | undefined>;
  /** `ttlMs` above 0; without one the value stays. */
  put(key: string, value: Uint8Array, ttlMs?: number): Promise<void>;
  /**
   * Sets the value if the present one has the expected bytes; `undefined` stands for "not there" on both sides, so that
   * it also creates and removes. Resolves to whether it did. Values that come back to what they were are not told apart.
   */
  compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array | undefined,
    ttlMs?: number,
  ): Promise<boolean>;
  /**
   * Adds to a counter, which starts at 0, unless that would carry it above `limit`. The counter ends `ttlMs` after it
   * began; later additions do not prolong it. `value` is the count afterwards. A counter is read only by `by: 0`.
   */
  increment(
    key: string,
    by: number,
    options?: { readonly limit?: number; readonly ttlMs?: number },
  ): Promise<{ readonly added: boolean; readonly value: number }>;
  /**
   * Takes from the token bucket of this name as much of what is wanted as it holds. Whoever asks brings the rate and
   * the size, so a changed limit holds from the next call. A bucket that would be full again is forgotten.
   */
  acquire(key: string, request: TokenRequest): Promise<TokenGrant>;
  close(): Promise<void>;
}
