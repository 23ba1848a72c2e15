import { Worker } from "node:worker_threads";
import { type CancelTimer, silentLogger, systemClock } from "@sampan/core";
import type { Instance, Logger, Registrar, Registration } from "@sampan/core/ports";
import { DiscoveryErrors } from "../channel/errors.js";
import { checkInstance } from "../working-set/check-instance.js";
import { checkService } from "../working-set/check-service.js";
import type { BackendSettings } from "./backend-settings.js";
import type { LeaseTimes } from "./lease-plan.js";
import type { LoopWatchTimes } from "./loop-watch.js";
import {
  beatEveryMs,
  type LeaseFailure,
  type LeaseReply,
  type LeaseRequest,
  type LeaseThreadData,
} from "./messages.js";

export interface WorkerRegistrarOptions {
  readonly times?: Partial<LeaseTimes>;
  /** When the instance is called overloaded. */
  readonly loop?: LoopWatchTimes;
  readonly logger?: Logger;
}

type Unnumbered<T> = T extends unknown ? Omit<T, "ask"> : never;

interface Kept {
  readonly service: string;
  instance: Instance;
}

/** Between two threads, should the first die, in ms: it only does when something is very wrong. */
const restartAfterMs = 1000;

/** What one thread may use: it holds little more than its connections. */
const threadHeapMb = 64;

/**
 * Renews leases in a thread of their own, so that a blocked event loop costs no lease: the instance is marked overloaded in
 * the registry as long as that lasts. The thread begins with the first registration and does not keep the process alive;
 * when the process dies the leases run out.
 */
export function workerRegistrar(settings: BackendSettings, options: WorkerRegistrarOptions = {}): Registrar {
  return new WorkerRegistrar(settings, options);
}

class WorkerRegistrar implements Registrar {
  readonly #data: LeaseThreadData;
  readonly #logger: Logger;
  readonly #beats: Int32Array;
  readonly #kept = new Map<number, Kept>();
  readonly #asked = new Map<number, { resolve(): void; reject(failure: LeaseFailure): void }>();
  #worker: Worker | undefined;
  #cancelBeat: CancelTimer = () => {};
  #cancelRestart: CancelTimer = () => {};
  #number = 0;
  #closing = false;

  constructor(settings: BackendSettings, options: WorkerRegistrarOptions) {
    const beat = new SharedArrayBuffer(4);
    this.#beats = new Int32Array(beat);
    this.#logger = options.logger ?? silentLogger;
    this.#data = { settings, times: { ttlMs: 30_000, ...options.times }, loop: options.loop ?? {}, beat };
  }

  async register(service: string, instance: Instance): Promise<Registration> {
    const check = (candidate: Instance): void => {
      const why = checkService(service) ?? checkInstance(candidate);
      if (why !== undefined) throw DiscoveryErrors.INSTANCE_INVALID({ service, why });
    };
    check(instance);
    if (this.#closing) throw this.#failed({ reason: "", why: "the registrar is closed" }, service);
    const id = ++this.#number;
    const kept: Kept = { service, instance };
    this.#kept.set(id, kept);
    try {
      await this.#ask({ kind: "register", id, service, instance }, service);
    } catch (error) {
      this.#kept.delete(id);
      throw error;
    }
    return {
      update: async (change) => {
        const next = { ...kept.instance, ...change };
        check(next);
        kept.instance = next;
        await this.#ask({ kind: "update", id, instance: next }, service);
      },
      close: async () => {
        if (this.#kept.delete(id)) await this.#ask({ kind: "close", id }, service);
      },
    };
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#cancelRestart();
    const worker = this.#worker;
    if (worker !== undefined) {
      await this.#ask({ kind: "end" }, "").catch(() => {});
      await worker.terminate();
    }
    this.#cancelBeat();
    this.#kept.clear();
  }

  #ask(request: Unnumbered<LeaseRequest>, service: string): Promise<void> {
    const ask = ++this.#number;
    return new Promise<void>((resolve, reject) => {
      this.#asked.set(ask, { resolve, reject: (failure) => reject(this.#failed(failure, service)) });
      this.#worker ??= this.#start();
      // Whoever waits for an answer keeps the process alive; leases do not.
      this.#worker.ref();
      this.#worker.postMessage({ ...request, ask } as LeaseRequest);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./lease-thread.js", import.meta.url), {
      workerData: this.#data,
      name: "sampan-leases",
      resourceLimits: { maxOldGenerationSizeMb: threadHeapMb },
    });
    worker.unref();
    worker.on("message", (message: LeaseReply) => this.#onReply(message));
    worker.on("error", (error) => this.#logger.error("the thread that renews leases has failed", { error }));
    worker.on("exit", () => this.#onExit());
    this.#cancelBeat();
    this.#beat();
    return worker;
  }

  /** Counts for as long as the thread lives. */
  #beat(): void {
    Atomics.add(this.#beats, 0, 1);
    this.#cancelBeat = systemClock.timer(beatEveryMs, () => this.#beat(), { background: true });
  }

  #onReply(message: LeaseReply): void {
    if (message.kind === "log") {
      this.#logger[message.level](message.message, message.fields);
      return;
    }
    const waiter = this.#asked.get(message.ask);
    this.#asked.delete(message.ask);
    if (this.#asked.size === 0) this.#worker?.unref();
    if (message.failure === undefined) waiter?.resolve();
    else waiter?.reject(message.failure);
  }

  /** Without the thread the leases would run out: another one takes them over. */
  #onExit(): void {
    this.#worker = undefined;
    this.#cancelBeat();
    const lost = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of lost) reject({ reason: "", why: "the thread that renews leases has ended" });
    if (this.#closing || this.#kept.size === 0) return;
    this.#cancelRestart = systemClock.timer(restartAfterMs, () => this.#resume(), { background: true });
  }

  #resume(): void {
    for (const [id, { service, instance }] of this.#kept)
      this.#ask({ kind: "register", id, service, instance }, service).catch((error) => {
        this.#logger.error("an instance could not be registered again", { service, error });
      });
    // Nobody waits for these answers.
    this.#worker?.unref();
  }

  #failed({ reason, why }: LeaseFailure, service: string): Error {
    if (reason === "INSTANCE_INVALID") return DiscoveryErrors.INSTANCE_INVALID({ service, why });
    return DiscoveryErrors.REGISTRY_FAILED({ registry: this.#data.settings.backend, why });
  }
}
