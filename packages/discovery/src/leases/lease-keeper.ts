import type { Clock } from "@sampan/core";
import type { Instance, Logger } from "@sampan/core/ports";
import { reasonOf, refusedStatus } from "@sampan/engines";
import { LeasePlan, type LeaseStep, type LeaseTimes } from "./lease-plan.js";
import type { Announcement, LeasePort } from "./lease-port.js";

export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly times: LeaseTimes;
  /** For taking the instance out at the end, in ms. Default 3000. */
  readonly dropWithinMs?: number;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Keeps one registration alive: the driver of `LeasePlan`. What the registry refuses for good when it is first asked (400,
 * 401, 403, …) is rejected; everything else is tried again for as long as it takes.
 */
export class LeaseKeeper {
  readonly #port: LeasePort;
  readonly #options: LeaseKeeperOptions;
  readonly #plan: LeasePlan;
  readonly #service: string;
  /** Of the step that is under way. */
  #abort = new AbortController();
  #instance: Instance;
  #overloaded = false;
  #waiters: Waiter[] = [];
  #wake: (() => void) | undefined;
  #everHeld = false;
  #failing = false;
  #ending = false;
  readonly #ended: Promise<void>;

  constructor(announcement: Announcement, port: LeasePort, options: LeaseKeeperOptions) {
    this.#service = announcement.service;
    this.#instance = announcement.instance;
    this.#port = port;
    this.#options = options;
    this.#plan = new LeasePlan(options.times, options.random);
    this.#ended = this.#run();
  }

  /** Resolves when the registry has the instance. */
  taken(): Promise<void> {
    if (this.#plan.held) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Announces it so; resolves when the registry has it. */
  update(instance: Instance): Promise<void> {
    if (this.#ending) return Promise.reject(new Error("the registration is closed"));
    this.#instance = instance;
    return this.#change();
  }

  /** The event loop of the instance is blocked, or no longer. The lease stays. */
  overloaded(is: boolean): void {
    if (is === this.#overloaded || this.#ending) return;
    this.#overloaded = is;
    // Nobody waits for it, and what fails is tried again.
    this.#change().catch(() => {});
  }

  async close(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      const { clock, dropWithinMs } = this.#options;
      this.#settle(new Error("the registration was closed"));
      this.#plan.drop();
      // A step that hangs must not keep the instance in the registry.
      this.#abort.abort(new Error("the registration is closed"));
      const cancel = clock.timer(dropWithinMs ?? 3000, () => this.#abort.abort(new Error("no answer in time")));
      this.#wake?.();
      await this.#ended.finally(cancel);
    }
    await this.#ended;
  }

  #change(): Promise<void> {
    this.#plan.change();
    const written = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#wake?.();
    return written;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    await Promise.resolve();
    for (;;) {
      const order = this.#plan.next(clock.monotonic());
      if ("waitMs" in order) await this.#pause(order.waitMs);
      else if (order.step === "end") return;
      else await this.#do(order.step);
    }
  }

  async #do(step: LeaseStep): Promise<void> {
    const { clock, logger } = this.#options;
    const askedAt = clock.monotonic();
    this.#plan.begin(step);
    this.#abort = new AbortController();
    const answered = step === "renew" ? [] : this.#waiters.splice(0);
    try {
      if (await this.#ask(step)) {
        if (step === "take" && this.#everHeld) logger.warn("a lost lease was taken anew", this.#fields());
        this.#everHeld = true;
        this.#plan.done(step, askedAt, clock.monotonic());
        for (const { resolve } of answered) resolve();
        if (this.#failing) logger.info("the registry can be reached again", this.#fields());
        this.#failing = false;
        return;
      }
      this.#plan.lost();
      this.#waiters.unshift(...answered);
    } catch (error) {
      this.#waiters.unshift(...answered);
      this.#failed(step, error);
    }
  }

  #failed(step: LeaseStep, error: unknown): void {
    const { clock, logger } = this.#options;
    if (!this.#failing) logger.warn("a lease cannot be kept", { ...this.#fields(), step, why: reasonOf(error) });
    this.#failing = true;
    this.#plan.failed(step, clock.monotonic());
    if (!isForGood(error)) return;
    this.#settle(error);
    // A first announcement that is refused has failed; one that was accepted once is not given up.
    if (this.#everHeld) return;
    this.#ending = true;
    this.#plan.drop();
  }

  /** False when the lease is lost. */
  async #ask(step: LeaseStep): Promise<boolean> {
    const announcement = { service: this.#service, instance: this.#announced() };
    const { signal } = this.#abort;
    if (step === "renew") return this.#port.renew(signal);
    if (step === "replace") return this.#port.replace(announcement, signal);
    if (step === "take") await this.#port.take(announcement, signal);
    else await this.#port.drop(signal);
    return true;
  }

  #announced(): Instance {
    const { health } = this.#instance;
    const overloaded = this.#overloaded && (health === "up" || health === "unknown");
    return overloaded ? { ...this.#instance, health: "overloaded" } : this.#instance;
  }

  #settle(error: unknown): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = undefined;
        cancel();
        resolve();
      };
      const cancel = this.#options.clock.timer(ms, done, { background: true });
      this.#wake = done;
    });
  }

  #fields(): Record<string, string> {
    return { service: this.#service, instance: this.#instance.id };
  }
}

/** A refusal that another try does not change. */
function isForGood(error: unknown): boolean {
  const status = refusedStatus(error);
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
