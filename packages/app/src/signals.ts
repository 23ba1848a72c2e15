import type { Logger } from "@sampan/core/ports";

/** 128 + the signal's number, as shells report it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * The first SIGTERM or SIGINT drains the process, which then exits with 0; a second one ends it now. The handlers are
 * taken off when the process has stopped in another way.
 */
export function onSignals(options: {
  readonly stop: () => Promise<void>;
  readonly logger: Logger;
  readonly stopped: Promise<void>;
}): void {
  const { stop, logger, stopped } = options;
  let first = true;
  const handle = (signal: keyof typeof exitCodes): void => {
    if (!first) {
      logger.warn("second signal: stopping now", { signal });
      process.exit(exitCodes[signal]);
    }
    first = false;
    logger.info("stopping; once more stops at once", { signal });
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error("stopping failed", { error });
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
  void stopped.then(() => {
    if (!first) return;
    process.off("SIGINT", handle);
    process.off("SIGTERM", handle);
  });
}
