import type { Logger } from "@sampan/core/ports";

export interface EndOnSignalsOptions {
  /** Drains everything. */
  readonly stop: () => Promise<void>;
  /** Ends the other processes at once. */
  readonly kill: () => void;
  readonly stopped: Promise<void>;
  /** Whether everything has started. */
  readonly isReady: () => boolean;
  readonly logger: Logger;
}

/**
 * One SIGTERM or SIGINT drains all processes, and this one exits with 0, or with 143 or 130 when not everything had
 * started; a second one ends them all now.
 */
export function endOnSignals({ stop, kill, stopped, isReady, logger }: EndOnSignalsOptions): void {
  let first = true;
  const onSignal = (signal: NodeJS.Signals): void => {
    const interrupted = signal === "SIGINT" ? 130 : 143;
    if (!first) {
      kill();
      process.exit(interrupted);
    }
    first = false;
    const status = isReady() ? 0 : interrupted;
    logger.info("stopping all processes; once more stops at once", { signal });
    stop().then(
      () => setImmediate(() => process.exit(status)),
      (error: unknown) => {
        logger.error("not everything stopped well", { error });
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  void stopped.then(() => {
    if (!first) return;
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  });
}
