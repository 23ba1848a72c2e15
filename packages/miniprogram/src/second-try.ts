import { type Call, type Clock, sleep } from "@sampan/core";
import { MiniProgramErrors } from "./errors.js";

/**
 * Sends a request that may be repeated once more when the platform was busy, or did not get it, unless the deadline is
 * nearer than the delay. Whoever called decides about more (`isRetryable`).
 */
export async function withSecondTry<T>(clock: Clock, delayMs: number, call: Call, once: () => Promise<T>): Promise<T> {
  try {
    return await once();
  } catch (error) {
    const again = MiniProgramErrors.PLATFORM_BUSY.is(error) || MiniProgramErrors.PLATFORM_UNREACHABLE.is(error);
    if (!again || call.deadline - clock.now() <= delayMs) throw error;
  }
  if (delayMs > 0) await sleep(clock, delayMs, call.signal);
  return once();
}
