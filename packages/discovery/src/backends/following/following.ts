import { type Clock, RpcError } from "@sampan/core";
import type { Instance, Logger, ResolverEvent } from "@sampan/core/ports";
import { reasonOf } from "@sampan/engines";
import { DiscoveryErrors } from "../../channel/errors.js";
import { type RestartPolicy, Restarts } from "./restarts.js";
import type { InstanceSource } from "./source.js";

export interface FollowingOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
  readonly restarts?: RestartPolicy;
  /** Sets that come within so many ms are told as one. Default 20. */
  readonly gatherMs?: number;
}

export type Listener = (event: ResolverEvent) => void;

/**
 * One service's instances, followed for all who watch it here: session after session, until closed. An error is told and
 * logged when it begins, not at each try.
 */
export class Following {
  readonly #registry: string;
  readonly #service: string;
  readonly #source: InstanceSource;
  readonly #options: Required<FollowingOptions>;
  readonly #restarts: Restarts;
  readonly #listeners = new Set<Listener>();
  #last: ResolverEvent | undefined;
  #session: AbortController | undefined;
  #endPause: (() => void) | undefined;
  #waiting: (() => readonly Instance[]) | undefined;
  #cancelTell: (() => void) | undefined;
  #cancelRefresh: (() => void) | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #failing = "";
  #leftOut = 0;
  #closed = false;

  constructor(registry: string, service: string, source: InstanceSource, options: Required<FollowingOptions>) {
    this.#registry = registry;
    this.#service = service;
    this.#source = source;
    this.#options = options;
    this.#restarts = new Restarts(options.restarts, options.random);
    void this.#run();
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: Listener): void {
    this.#listeners.add(listener);
    const known = this.#last;
    // Never synchronously; and only what is still the latest then, so that the order is kept.
    if (known !== undefined)
      queueMicrotask(() => {
        if (this.#last === known && this.#listeners.has(listener)) this.#call(listener, known);
      });
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Looks again, at once or as soon as it may. */
  refresh(): void {
    if (this.#closed || this.#cancelRefresh !== undefined) return;
    const { clock } = this.#options;
    const wait = this.#restarts.refreshIn(clock.monotonic());
    this.#cancelRefresh = clock.timer(
      wait,
      () => {
        this.#cancelRefresh = undefined;
        this.#session?.abort(refreshed);
        this.#endPause?.();
      },
      { background: true },
    );
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#cancelRefresh?.();
    this.#cancelTell?.();
    this.#session?.abort(new Error("nobody watches any more"));
    this.#endPause?.();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    // `watch` must return before anything is told.
    await Promise.resolve();
    while (!this.#closed) {
      this.#restarts.started(clock.monotonic());
      const session = new AbortController();
      this.#session = session;
      let waitMs: number;
      try {
        const wanted = await this.#source.follow(this.#service, {
          signal: session.signal,
          tell: (set) => this.#tellSoon(session, set),
          pause: (ms) => pause(clock, ms, session.signal),
          ended: () => pause(clock, undefined, session.signal),
          leftOut: (count, why) => this.#noteLeftOut(count, why),
        });
        waitMs = this.#restarts.ended(clock.monotonic(), wanted);
      } catch (error) {
        if (this.#closed) return;
        if (session.signal.reason === refreshed) continue;
        waitMs = this.#restarts.failed(clock.monotonic());
        this.#fail(error);
      }
      this.#session = undefined;
      await this.#pause(waitMs);
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#endPause = undefined;
        cancel();
        resolve();
      };
      const cancel = this.#options.clock.timer(ms, done, { background: true });
      this.#endPause = done;
    });
  }

  #tellSoon(session: AbortController, set: () => readonly Instance[]): void {
    if (this.#closed || session.signal.aborted) return;
    const { clock, gatherMs } = this.#options;
    this.#waiting = set;
    if (this.#cancelTell !== undefined) return;
    const wait = this.#toldAt + gatherMs - clock.monotonic();
    if (wait <= 0) this.#tellWaiting();
    else this.#cancelTell = clock.timer(wait, () => this.#tellWaiting(), { background: true });
  }

  #tellWaiting(): void {
    this.#cancelTell = undefined;
    const set = this.#waiting;
    this.#waiting = undefined;
    if (this.#closed || set === undefined) return;
    this.#toldAt = this.#options.clock.monotonic();
    if (this.#failing !== "") {
      this.#failing = "";
      this.#options.logger.info("the registry can be asked again", {
        registry: this.#registry,
        service: this.#service,
      });
    }
    this.#tell({ instances: set() });
  }

  #fail(thrown: unknown): void {
    const kind = thrown instanceof RpcError ? thrown.reason || `${thrown.code}` : "other";
    if (this.#failing === kind) return;
    this.#failing = kind;
    const why = reasonOf(thrown);
    this.#options.logger.warn("the registry cannot be asked", {
      registry: this.#registry,
      service: this.#service,
      why,
    });
    this.#tell({ error: DiscoveryErrors.REGISTRY_FAILED({ registry: this.#registry, why }, { cause: thrown }) });
  }

  #noteLeftOut(count: number, why: string): void {
    if (count === this.#leftOut) return;
    this.#leftOut = count;
    if (count === 0) return;
    const fields = { registry: this.#registry, service: this.#service, count, why };
    this.#options.logger.warn("entries of the registry cannot be used", fields);
  }

  #tell(event: ResolverEvent): void {
    this.#last = event;
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) this.#call(listener, event);
  }

  /** A listener that throws must not stop the others, nor the loop. */
  #call(listener: Listener, event: ResolverEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#options.logger.error("a watcher of instances has thrown", { service: this.#service, error });
    }
  }
}

/** Waits so long, or for ever, and no longer than until the signal aborts. */
function pause(clock: Clock, ms: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel?.();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = ms === undefined ? undefined : clock.timer(ms, done, { background: true });
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}

const refreshed = new Error("somebody asked to look again");
