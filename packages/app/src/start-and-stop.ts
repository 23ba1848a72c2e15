/** What a process does at its two ends. */
export interface Ends {
  start(): Promise<void>;
  /** Makes a start that is under way end soon. */
  interrupt(): void;
  /** Called once, when the start has ended, well or not. */
  shutDown(): Promise<void>;
}

/** A start that can be stopped at any time. */
export interface StartAndStop {
  /** Settles with the start. */
  readonly starting: Promise<void>;
  /**
   * Interrupts the start if it is under way, waits for its end, so that everything that it opened is closed, and shuts
   * down. A second call returns the same promise.
   */
  stop(): Promise<void>;
}

/** Starts, a turn later, so that whoever stops it from inside finds everything in place. */
export function startAndStop(ends: Ends): StartAndStop {
  const starting = Promise.resolve().then(() => ends.start());
  let stopping: Promise<void> | undefined;
  return {
    starting,
    stop() {
      ends.interrupt();
      stopping ??= starting.catch(() => {}).then(() => ends.shutDown());
      return stopping;
    },
  };
}

/** Stops what a signal aborts, also one that was aborted before; lets go of the signal when it has stopped otherwise. */
export function stopOnAbort(signal: AbortSignal, stop: () => Promise<void>, stopped: Promise<void>): void {
  const abort = (): void => {
    // What did not close is logged, and told to whoever else awaits the stop.
    stop().catch(() => {});
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  void stopped.then(() => signal.removeEventListener("abort", abort));
}
