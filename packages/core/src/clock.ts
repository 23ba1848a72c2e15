/** Stops a timer; calling it twice, or after the timer has fired, does nothing. */
export type CancelTimer = () => void;

/**
 * Time, as a dependency. Everything in Sampan that reads time or waits takes a clock, so that tests move it by hand.
 * All times are milliseconds; `now` is since the Unix epoch, `monotonic` since an arbitrary start and never goes back.
 */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Calls `fire` once, `ms` or more from now; never synchronously. Does not keep the process alive when `background`. */
  timer(ms: number, fire: () => void, options?: { readonly background?: boolean }): CancelTimer;
}

/** setTimeout turns delays above 2^31-1 into 1 ms, so longer ones are waited for in pieces. */
const longestTimeout = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms, fire, options) {
    let left = ms;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const slice = Math.min(left, longestTimeout);
      left -= slice;
      handle = setTimeout(() => (left > 0 ? arm() : fire()), slice);
      if (options?.background) handle.unref();
    };
    arm();
    return () => clearTimeout(handle);
  },
};

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.timer(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
