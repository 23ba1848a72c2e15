import type { Logger } from "@sampan/core/ports";
import { AppErrors } from "./errors.js";
import type { Lifecycle } from "./lifecycle.js";

/** 128 + the signal's number, as shells report it. */
const signalStatus = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof signalStatus;

export interface ProcessEndOptions {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** Drains and closes, also a start that is under way. */
  readonly stop: () => Promise<void>;
  /** SIGTERM and SIGINT do nothing: they are for another process, which tells this one. Default false. */
  readonly deaf?: boolean;
}

/** What ends the process in another way than by a signal or an error. */
export interface ProcessEnd {
  /** Drains, and exits with this status, or with 1 when something went wrong on the way. */
  end(status: 0 | 1): void;
}

/**
 * Ends the operating-system process:
 *
 * - the first SIGTERM or SIGINT drains it, and it exits with 0; with 143 or 130 when it was not ready yet;
 * - a second signal ends it now, with 143 or 130;
 * - an error that nobody caught, thrown or rejected, is logged and drains it, and it exits with 1: nobody knows what
 *   state the code that failed left behind, but the requests in hand of everybody else can still be answered;
 * - it exits with 1 too when not everything closed.
 *
 * It takes its handlers off when the process was stopped in another way.
 */
export function endProcess({ lifecycle, logger, stop, deaf = false }: ProcessEndOptions): ProcessEnd {
  let status: number | undefined;
  let signalled = false;

  const end = (wanted: number): void => {
    const first = status === undefined;
    // What went wrong on the way out shows.
    if (first || wanted === 1) status = wanted;
    if (!first) return;
    void stop()
      .catch(() => {
        // It has been logged.
        status = 1;
      })
      .then(() => {
        // A turn later, so that whoever awaits the stop has its say.
        setImmediate(() => process.exit(status));
      });
  };
  const onSignal = (signal: Signal): void => {
    if (deaf) return;
    if (signalled) {
      logger.warn("second signal: stopping now", { signal });
      process.exit(signalStatus[signal]);
    }
    signalled = true;
    logger.info("stopping; once more stops at once", { signal });
    end(lifecycle.state === "starting" ? signalStatus[signal] : 0);
  };
  const onUncaught = (error: unknown, origin: string): void => {
    // A program that just awaits `run` does not catch that its start was stopped; whoever stopped it knows.
    if (status !== undefined && AppErrors.START_INTERRUPTED.is(error)) return;
    logger.error("an error was not caught: the process stops", { error, origin });
    end(1);
  };
  const onRejection = (error: unknown): void => onUncaught(error, "unhandledRejection");

  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onRejection);
  void lifecycle.stopped.then(() => {
    if (status !== undefined) return;
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    process.off("uncaughtException", onUncaught);
    process.off("unhandledRejection", onRejection);
  });
  return { end };
}
