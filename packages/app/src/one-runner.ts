import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CancelTimer, Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { type FileLock, tryLock } from "@sampan/data";
import type { BuiltService } from "./build-services.js";
import type { Runnable } from "./service.js";

export interface OneRunnerOptions {
  /** The lock of whoever runs; it is free when that process ends, however it ends. */
  readonly lockFile: string;
  readonly runs: readonly Runnable[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How soon another instance notices that nobody runs any more, in ms. */
const lookMs = 250;

/**
 * Work without a caller that several instances of a service could do and one does at a time: whoever gets the lock of a
 * file. When its process ends, another takes over within a quarter of a second.
 */
export class OneRunner implements Runnable {
  readonly #options: OneRunnerOptions;
  #lock: Pick<FileLock, "release"> | undefined;
  #cancelLook: CancelTimer | undefined;
  #taking: Promise<void> = Promise.resolve();
  #started: Runnable[] = [];
  #stopped = false;

  constructor(options: OneRunnerOptions) {
    this.#options = options;
  }

  /** Starts the work when nobody else does it; rejects when that fails. */
  async start(): Promise<void> {
    await mkdir(dirname(this.#options.lockFile), { recursive: true });
    await this.#take();
    this.#lookLater();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelLook?.();
    await this.#taking.catch(() => {});
    const started = this.#started.splice(0);
    // The others wait for this, so that no two ever run.
    await Promise.all(started.map((run) => run.stop(graceMs))).finally(() => this.#release());
  }

  async #take(): Promise<void> {
    const { lockFile, runs } = this.#options;
    this.#lock ??= tryLock(lockFile);
    if (this.#lock === undefined) return;
    for (const run of runs) {
      if (this.#stopped) return;
      // Before it starts, because one that fails to start may have begun something.
      this.#started.push(run);
      await run.start();
    }
  }

  #release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  #lookLater(): void {
    if (this.#lock !== undefined || this.#stopped) return;
    this.#cancelLook = this.#options.clock.timer(
      lookMs,
      () => {
        this.#taking = this.#takeOver();
      },
      { background: true },
    );
  }

  async #takeOver(): Promise<void> {
    const { logger, lockFile } = this.#options;
    try {
      await this.#take();
      if (this.#lock !== undefined) logger.info("this instance has taken over the work without a caller", { lockFile });
    } catch (error) {
      logger.error("work without a caller did not start; it is tried again", { lockFile, error });
      await Promise.all(this.#started.splice(0).map((run) => run.stop(0).catch(() => {})));
      this.#release();
    }
    this.#lookLater();
  }
}

/** The same services, each with its work as that of one instance at a time. */
export function oneRunner(
  built: readonly BuiltService[],
  { folder, clock, logger }: { readonly folder: string; readonly clock: Clock; readonly logger: Logger },
): readonly BuiltService[] {
  return built.map(({ module, parts }) => {
    const { runs = [] } = parts;
    if (runs.length === 0) return { module, parts };
    const lockFile = join(folder, `${module.name}.db-runs`);
    return { module, parts: { ...parts, runs: [new OneRunner({ lockFile, runs, clock, logger })] } };
  });
}
