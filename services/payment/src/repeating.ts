import { type Clock, sleep } from "@sampan/core";

/**
 * Does something again and again, so many ms after it has ended. It must not reject. `stop` waits for what runs, or
 * until `graceMs` are over: what it does must be safe to leave off anywhere.
 */
export function repeating(
  clock: Clock,
  everyMs: number,
  work: (stopped: () => boolean) => Promise<void>,
): { start(): void; stop(graceMs: number): Promise<void> } {
  let cancel: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const arm = (): void => {
    cancel = clock.timer(
      everyMs,
      () => {
        running = work(() => stopped).then(() => {
          if (!stopped) arm();
        });
      },
      { background: true },
    );
  };
  return {
    start: arm,
    async stop(graceMs) {
      stopped = true;
      cancel?.();
      const giveUp = new AbortController();
      const grace = sleep(clock, graceMs, giveUp.signal).catch(() => {});
      await Promise.race([running, grace]);
      giveUp.abort();
    },
  };
}
