import { type Clock, sleep } from "@sampan/core";
import type { Listener, Logger } from "@sampan/core/ports";
import type { Lifecycle } from "./lifecycle.js";
import type { Runnable } from "./service.js";

export interface ShutDown {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly doors: readonly { drain(): Promise<void>; close(): Promise<void> }[];
  readonly running: readonly Runnable[];
  readonly listeners: readonly Listener[];
  /** In this order, after all work has ended. */
  readonly closers: readonly (() => Promise<unknown> | unknown)[];
  /** How long work in hand may take; then it is aborted. */
  readonly timeoutMs: number;
}

/**
 * Stops a process from the outside in: doors take no new requests and finish those in hand, the services' own work
 * stops, listeners drain, everything is closed. What is not finished in time is aborted. Rejects with an
 * `AggregateError` of everything that did not close; the rest is closed all the same.
 */
export async function shutDown(plan: ShutDown): Promise<void> {
  const { lifecycle, logger, clock, doors, running, listeners, timeoutMs } = plan;
  lifecycle.enter("draining");
  logger.info("draining", { timeout_ms: timeoutMs });
  const end = clock.now() + timeoutMs;
  const limit = new AbortController();
  const inTime = async (what: string, work: Promise<unknown>[]): Promise<void> => {
    const left = Math.max(0, end - clock.now());
    const late = sleep(clock, left, limit.signal).then(
      () => true,
      () => false,
    );
    const done = Promise.all(work).then(() => false);
    if (await Promise.race([done, late]))
      logger.warn(`${what} took longer than the drain timeout: aborting what is left`);
  };
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown> | unknown): Promise<void> => {
    try {
      const result = await work();
      if (Array.isArray(result)) failures.push(...result);
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(() =>
    inTime(
      "requests in hand",
      doors.map((door) => door.drain()),
    ),
  );
  await attempt(() =>
    inTime(
      "the services' own work",
      running.map((work) => work.stop(Math.max(0, end - clock.now()))),
    ),
  );
  await attempt(() =>
    inTime(
      "calls in hand",
      listeners.map((listener) => listener.drain()),
    ),
  );
  limit.abort();
  for (const door of doors) await attempt(() => door.close());
  for (const listener of listeners) await attempt(() => listener.close());
  for (const close of plan.closers) await attempt(close);
  lifecycle.enter("stopped");
  if (failures.length > 0) throw new AggregateError(failures, "the process stopped, but not everything closed");
}
