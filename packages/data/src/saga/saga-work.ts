import type { CancelTimer } from "@sampan/core";
import { type Kysely, sql } from "kysely";
import { Leases } from "./leases.js";
import { type Begun, type Claims, claimSagas, type Taken } from "./saga-claims.js";
import { type DriveHost, SagaDrive } from "./saga-drive.js";
import type { SagaInstance } from "./saga-instance.js";
import { countUnregistered } from "./saga-queries.js";
import type { SagaTables } from "./saga-schema.js";
import { deleteEnded } from "./saga-store.js";
import type { Registered } from "./saga-transition.js";

export interface SagaWorkOptions extends DriveHost {
  readonly registered: ReadonlyMap<string, Registered>;
  readonly concurrency: number;
  readonly retentionMs: number;
  readonly read: Kysely<SagaTables>;
}

const pruneEveryMs = 60 * 60 * 1000;
const pruneRows = 500;
/** After the claims could not be written. */
const retryAfterMs = 1000;

/**
 * The sagas in work in this process, up to a limit. Takes up what is begun here as soon as its transaction has ended,
 * and what is due when its time comes: one timer, for the earliest of all; nothing is polled.
 */
export class SagaWork {
  readonly #options: SagaWorkOptions;
  readonly #host: DriveHost;
  readonly #leases: Leases;
  readonly #drives = new Map<string, SagaDrive>();
  #begun = new Map<string, Begun>();
  #reserved = 0;
  #state: "new" | "started" | "stopping" = "new";
  /** Something may be due. */
  #due = false;
  #pumping: Promise<void> | undefined;
  #cancelDue: CancelTimer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #cancelPrune: CancelTimer | undefined;
  #idle: (() => void)[] = [];

  constructor(options: SagaWorkOptions) {
    this.#options = options;
    const { clock, logger, holder, transaction } = options;
    this.#host = { ...options, changed: (instance) => this.#changed(instance) };
    this.#leases = new Leases(clock, logger, holder, this.#drives, transaction);
  }

  async start(): Promise<void> {
    if (this.#state !== "new") return;
    const { transaction, holder, clock } = this.#options;
    const now = clock.now();
    // An earlier life of this runner cannot finish them any more; the claim gives them a newer fence.
    await transaction((tx) => sql`update sampan_saga set due_at = ${now} where owner = ${holder.owner}`.execute(tx));
    this.#state = "started";
    this.wake();
    this.#armPrune();
    const orphans = await countUnregistered(this.#options.read, [...this.#options.registered.keys()]);
    if (orphans.length > 0)
      this.#options.logger.error("there are sagas that no definition of this runner can go on with", { orphans });
  }

  async stop(graceMs: number): Promise<void> {
    this.#state = "stopping";
    this.#cancelDue?.();
    this.#cancelPrune?.();
    await this.#pumping;
    if (this.#drives.size > 0) {
      for (const drive of this.#drives.values()) drive.stop();
      const cancel = this.#options.clock.timer(graceMs, () => {
        for (const drive of this.#drives.values()) drive.abort("stopped");
      });
      await new Promise<void>((resolve) => this.#idle.push(resolve));
      cancel();
    }
    this.#leases.stop();
  }

  /** Something may be due now. */
  wake(): void {
    this.#due = true;
    this.#pump();
  }

  /** Keeps a place for a saga that is about to begin; false when there is none, or when others wait for one. */
  reserve(): boolean {
    if (this.#state !== "started" || this.#due || this.#room() <= 0) return false;
    this.#reserved++;
    return true;
  }

  unreserve(): void {
    this.#reserved--;
    this.#pump();
  }

  /** A saga has begun in a transaction that is still open; transactions run in order, so the next one knows its end. */
  begun(id: string, begun: Begun): void {
    if (begun.next === "rest" || begun.next === "end") {
      this.wake();
      return;
    }
    this.#begun.set(id, begun);
    this.#pump();
  }

  #room(): number {
    return this.#options.concurrency - this.#drives.size - this.#begun.size - this.#reserved;
  }

  #pump(): void {
    if (this.#state !== "started" || this.#pumping !== undefined || !this.#hasWork()) return;
    this.#pumping = this.#claim().finally(() => {
      this.#pumping = undefined;
      this.#pump();
    });
  }

  #hasWork(): boolean {
    return this.#begun.size > 0 || (this.#due && this.#room() > 0);
  }

  async #claim(): Promise<void> {
    const { transaction, clock, logger } = this.#options;
    let begun = new Map<string, Begun>();
    try {
      const claims = await transaction((tx): Promise<Claims> => {
        // Read when the transaction runs: what began until now has committed, or is gone.
        const limit = this.#due ? Math.max(0, this.#room()) : 0;
        begun = this.#begun;
        this.#begun = new Map();
        this.#reserved += begun.size;
        if (limit > 0) this.#due = false;
        const { registered, holder } = this.#options;
        return claimSagas(tx, {
          registered,
          holder,
          begun,
          busy: [...this.#drives.keys()],
          limit,
          now: clock.now(),
        }).then((claims) => {
          if (limit > 0 && claims.taken.length >= limit) this.#due = true;
          return claims;
        });
      });
      for (const taken of claims.taken) this.#take(taken);
      if (claims.nextDue !== undefined && !this.#due) {
        // What is due and was not taken is in work here with a lease that is about to be renewed.
        this.#wakeAt(
          Math.max(claims.nextDue, clock.now() + (claims.taken.length === 0 ? this.#options.holder.leaseMs / 3 : 0)),
        );
      }
    } catch (error) {
      logger.error("sagas could not be taken up", { error });
      this.#wakeAt(clock.now() + retryAfterMs);
    } finally {
      this.#reserved -= begun.size;
    }
  }

  #take({ instance, next }: Taken): void {
    const registered = this.#options.registered.get(instance.saga);
    if (registered === undefined) return;
    const drive = new SagaDrive(registered, instance, this.#host);
    this.#drives.set(instance.id, drive);
    this.#leases.keep();
    if (this.#state === "stopping") drive.stop();
    this.#changed(instance);
    void drive.run(next).finally(() => {
      this.#drives.delete(instance.id);
      if (this.#drives.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#pump();
    });
  }

  #changed(instance: SagaInstance): void {
    this.#options.changed(instance);
    const { dueAt } = instance.progress;
    if (instance.owner === undefined && dueAt !== undefined) this.#wakeAt(dueAt);
  }

  #wakeAt(time: number): void {
    if (this.#state !== "started" || time >= this.#dueAt) return;
    this.#cancelDue?.();
    this.#dueAt = time;
    const wait = Math.max(0, time - this.#options.clock.now());
    this.#cancelDue = this.#options.clock.timer(
      wait,
      () => {
        this.#dueAt = Number.POSITIVE_INFINITY;
        this.#cancelDue = undefined;
        this.wake();
      },
      { background: true },
    );
  }

  #armPrune(): void {
    const { clock, logger } = this.#options;
    if (this.#state !== "started") return;
    this.#cancelPrune = clock.timer(
      pruneEveryMs,
      () => {
        this.#prune()
          .catch((error: unknown) => logger.error("ended sagas could not be deleted", { error }))
          .finally(() => this.#armPrune());
      },
      { background: true },
    );
  }

  async #prune(): Promise<void> {
    const { transaction, clock, retentionMs } = this.#options;
    let deleted = pruneRows;
    while (deleted === pruneRows && this.#state === "started") {
      deleted = await transaction((tx) => deleteEnded(tx, clock.now() - retentionMs, pruneRows));
    }
  }
}
