import type { Addresses } from "./addresses.js";
import type { Lifecycle, State } from "./lifecycle.js";

/** What a supervised process tells its parent, each time that its state changes. */
export interface ProcessReport {
  readonly state: State;
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * Tells the parent process of each state over the channel that it was started with, and stops when the parent is gone:
 * nobody else would. Throws `TypeError` when there is no such channel.
 */
export function reportToParent(lifecycle: Lifecycle, addresses: Addresses, stop: () => void): void {
  if (process.send === undefined)
    throw new TypeError("process.supervised is set, but no supervisor started this process");
  lifecycle.onChange((state) => {
    const report: ProcessReport = { state, addresses: Object.fromEntries(addresses.all) };
    if (process.connected) process.send?.(report);
  });
  process.once("disconnect", stop);
  // The channel alone must not keep a process that has nothing else to do.
  process.channel?.unref();
  void lifecycle.stopped.then(() => process.off("disconnect", stop));
}
