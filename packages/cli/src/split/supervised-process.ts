import { type ChildProcess, spawn } from "node:child_process";
import { nextRestart, type ProcessReport, type RestartPolicy } from "@sampan/app";
import type { CancelTimer, Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";

export interface SupervisedProcessOptions {
  /** The service's name, with a number when there are several processes of it. */
  readonly name: string;
  /** The file to run, and its flags. */
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called before each start. */
  readonly prepare: () => void;
  /** Called when a process was made, before it has done anything. */
  readonly spawned: () => void;
  /** Called when a process has ended, however it did. */
  readonly ended: () => void;
  readonly restarts: RestartPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One service as a process of its own, started again with backoff when it ends although nobody stopped it. It has a
 * process group of its own, so that Ctrl-C on the terminal reaches the supervisor only, and a channel, so that it stops
 * when the supervisor is gone.
 */
export class SupervisedProcess {
  readonly name: string;
  readonly #options: SupervisedProcessOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Its end is nothing to be mended. */
  #stopping = false;
  /** Nobody wants it back. */
  #isOver = false;
  #cancelRestart: CancelTimer | undefined;
  #addresses: Readonly<Record<string, string>> = {};

  constructor(options: SupervisedProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Of the process that runs now; undefined between two. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it announced when it became ready. */
  get addresses(): Readonly<Record<string, string>> {
    return this.#addresses;
  }

  /** Resolves when it is ready; rejects when its first start fails, and does not try again then. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#spawn(resolve, (why) => {
        this.#stopping = true;
        reject(new Error(`the process of ${this.name} did not start: ${why}`));
      });
    });
  }

  /** Stops it as `stop` does and starts it again; resolves when it is ready. Does not start what is stopped meanwhile. */
  async restart(limitMs: number): Promise<void> {
    await this.#end(limitMs);
    if (this.#isOver) return;
    this.#stopping = false;
    await this.start();
  }

  /** Asks it to drain; resolves when it has ended. After `limitMs` it is killed. */
  stop(limitMs: number): Promise<void> {
    this.#isOver = true;
    return this.#end(limitMs);
  }

  async #end(limitMs: number): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart?.();
    const child = this.#child;
    if (child === undefined) return this.#ended;
    child.kill("SIGTERM");
    const cancel = this.#options.clock.timer(limitMs, () => {
      this.#options.logger.warn("a process did not stop in time and is killed", { process: this.name });
      child.kill("SIGKILL");
    });
    await this.#ended;
    cancel();
  }

  /** Ends it now, for good. */
  kill(): void {
    this.#isOver = true;
    this.#stopping = true;
    this.#cancelRestart?.();
    this.#child?.kill("SIGKILL");
  }

  #spawn(ready: () => void, failed: ((why: string) => void) | undefined): void {
    const { file, argv, env, clock, prepare, spawned, ended: hasEnded } = this.#options;
    prepare();
    const child = spawn(process.execPath, [file, ...argv], {
      env: { ...env },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    });
    const startedAt = clock.monotonic();
    let wasReady = false;
    this.#child = child;
    spawned();
    child.on("message", (message) => {
      const { state, addresses } = message as ProcessReport;
      if (state !== "ready") return;
      wasReady = true;
      this.#addresses = addresses;
      ready();
    });
    this.#ended = new Promise((ended) => {
      const over = (why: string): void => {
        if (this.#child !== child) return;
        this.#child = undefined;
        hasEnded();
        ended();
        if (failed !== undefined && !wasReady) failed(why);
        else if (!this.#stopping) this.#restartLater(why, clock.monotonic() - startedAt);
      };
      child.once("error", (error) => over(error.message));
      child.once("exit", (code, signal) => over(signal === null ? `exit status ${code}` : `ended by ${signal}`));
    });
  }

  #restartLater(why: string, ranMs: number): void {
    const { restarts, clock, logger } = this.#options;
    const { failures, waitMs } = nextRestart(restarts, this.#failures, ranMs);
    this.#failures = failures;
    logger.warn("a process ended and is started again", { process: this.name, why, failures, wait_ms: waitMs });
    this.#cancelRestart = clock.timer(waitMs, () => {
      this.#spawn(() => logger.info("a process is back", { process: this.name, pid: this.pid }), undefined);
    });
  }
}
