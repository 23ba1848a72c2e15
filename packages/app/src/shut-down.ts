import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { AppErrors, reasonOf } from "./errors.js";
import type { Lifecycle } from "./lifecycle.js";
import type { StartedParts } from "./started-parts.js";
import { settlesWithin } from "./time-limit.js";

/** Something that is closed at the end. */
export interface Closer {
  /** For messages. */
  readonly name: string;
  close(): Promise<void> | void;
}

export interface ShutDown {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly started: Pick<StartedParts, "edges" | "runs" | "listeners">;
  /** Tells callers that this process ends; first of all, while everything still works. */
  readonly leave?: (() => Promise<void>) | undefined;
  /** In this order, after all work has ended. */
  readonly closers: readonly Closer[];
  /** How long work in hand may take, in ms; then it is aborted. */
  readonly drainMs: number;
}

/** How long work that was told to leave off may take to do so, in ms. */
const abortMs = 1000;
/** How long one thing may take to close, in ms; an embedded database takes about ten. */
const closeMs = 5000;

/**
 * Stops a process from the outside in: it leaves the registry, edges take no new requests and finish those in hand, the services' own work
 * stops, listeners drain, everything is closed. What is not finished in `drainMs` is aborted, and nothing that hangs
 * keeps the rest from being closed. Rejects with an `AggregateError` of everything that did not drain or close.
 */
export async function shutDown(plan: ShutDown): Promise<void> {
  const { lifecycle, logger, clock, started, drainMs } = plan;
  const { edges, runs, listeners } = started;
  if (lifecycle.state === "ready") logger.info("draining", { timeout_ms: drainMs });
  lifecycle.enter("draining");
  const failures: unknown[] = [];
  const fail = (failure: Error): void => {
    logger.error("something did not close", { error: failure });
    failures.push(failure);
  };
  const attempt = async (name: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      fail(AppErrors.CLOSE_FAILED({ part: name, why: reasonOf(cause) }, { cause }));
    }
  };
  const close = async (closer: Closer): Promise<void> => {
    const closing = attempt(closer.name, () => closer.close());
    if (!(await settlesWithin(clock, closeMs, closing)))
      fail(AppErrors.CLOSE_TIMEOUT({ part: closer.name, ms: String(closeMs) }));
  };
  const end = clock.now() + drainMs;
  const left = (): number => Math.max(0, end - clock.now());
  const inTime = async (what: string, ms: number, work: readonly Promise<void>[]): Promise<void> => {
    if (work.length > 0 && !(await settlesWithin(clock, ms, Promise.all(work))))
      logger.warn("the drain timeout is over: what is left is aborted", { left: what });
  };

  const { leave } = plan;
  if (leave !== undefined) await inTime("leaving the registry", left(), [attempt("registration", leave)]);

  const drained = edges.map(({ name, part }) => attempt(name, () => part.drain()));
  await inTime("requests in hand", left(), drained);
  await Promise.all(edges.map(({ name, part }) => close({ name, close: () => part.close() })));

  const graceMs = left();
  const stopped = runs.map(({ name, part }) => attempt(name, () => part.stop(graceMs)));
  await inTime("the services' own work", graceMs + abortMs, stopped);

  await inTime(
    "calls in hand",
    left(),
    listeners.map(({ name, part }) => attempt(name, () => part.drain())),
  );
  await Promise.all(listeners.map(({ name, part }) => close({ name, close: () => part.close() })));

  for (const closer of plan.closers) await close(closer);
  lifecycle.enter("stopped");
  if (failures.length > 0) throw new AggregateError(failures, "the process stopped, but not everything closed");
}
