import type { Logger } from "@sampan/core/ports";

export interface EndOnSignalsOptions {
  /** Drains everything. */
  readonly stop: () => Promise<void>;
  /** Ends the other processes at once. */
  readonly kill: () => void;
  readonly stopped: Promise<void>;
  readonly logger: Logger;
}

/** One SIGTERM or SIGINT drains all processes, and this one exits with 0; a second one ends them all now. */
export function endOnSignals({ stop, kill, stopped, logger }: EndOnSignalsOptions): void {
  let first = true;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!first) {
      kill();
      process.exit(signal === "SIGINT" ? 130 : 143);
    }
    first = false;
    logger.info("stopping all processes; once more stops at once", { signal });
    stop().then(
      () => setImmediate(() => process.exit(0)),
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
