import type { Clock } from "@sampan/core";

/**
 * A clock that stands still until a test moves it. Timers fire in the order of their time, then of their making, inside
 * `advance` and `runAll` only; what `fire` throws comes out of them.
 */
export interface FakeClock extends Clock {
  /**
   * Moves on by `ms` and fires what becomes due, also what is set on the way. Between two timers, and at both ends,
   * everything that does not wait for time or I/O runs: promise chains and `setImmediate`.
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves from timer to timer until none is left but background ones. Throws after `bound` timers (default 1000), so
   * that a timer that always sets another one fails the test instead of hanging it.
   */
  runAll(bound?: number): Promise<void>;
  /** Timers that wait, background ones too. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
  readonly background: boolean;
}

/** 14 November 2023, 22:13:20 UTC: any fixed time will do, and zero hides bugs of the kind `if (time)`. */
const defaultStart = 1_700_000_000_000;

export function createFakeClock(startMs: number = defaultStart): FakeClock {
  const timers = new Set<Timer>();
  let now = startMs;

  /** The earliest timer up to a time; a set keeps the order of making, so `<` gives ties to the older one. */
  const nextUntil = (limit: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= limit && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  };

  const fire = async (timer: Timer): Promise<void> => {
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.fire();
    await settled();
  };

  return {
    now: () => now,
    monotonic: () => now - startMs,
    timer(ms, fire, options) {
      const timer: Timer = { at: now + Math.max(0, ms), fire, background: options?.background ?? false };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const target = now + ms;
      await settled();
      for (let timer = nextUntil(target); timer !== undefined; timer = nextUntil(target)) await fire(timer);
      now = target;
    },
    async runAll(bound = 1000) {
      await settled();
      for (let fired = 0; [...timers].some((timer) => !timer.background); fired++) {
        if (fired === bound) throw new Error(`${bound} timers have fired and ${timers.size} still wait`);
        await fire(nextUntil(Number.POSITIVE_INFINITY) as Timer);
      }
    },
    get pending() {
      return timers.size;
    },
  };
}

/** One turn of the event loop: every promise chain that can go on has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
