import type { CancelTimer, Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { sql, type Transaction } from "kysely";
import type { SagaDrive } from "./saga-drive.js";
import type { SagaTables } from "./saga-schema.js";
import type { Holder } from "./saga-transition.js";

type Transact = <T>(work: (tx: Transaction<SagaTables>) => Promise<T>) => Promise<T>;

/**
 * Keeps the leases of the sagas in work. A lease that another runner has taken, or that could not be renewed before its
 * end, is lost: the drive is aborted, because somebody else may be running the step.
 */
export class Leases {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #holder: Holder;
  readonly #drives: ReadonlyMap<string, SagaDrive>;
  readonly #transaction: Transact;
  #cancel: CancelTimer | undefined;
  #renewedAt = 0;

  constructor(
    clock: Clock,
    logger: Logger,
    holder: Holder,
    drives: ReadonlyMap<string, SagaDrive>,
    transaction: Transact,
  ) {
    this.#clock = clock;
    this.#logger = logger;
    this.#holder = holder;
    this.#drives = drives;
    this.#transaction = transaction;
  }

  /** After a saga was taken up. */
  keep(): void {
    if (this.#cancel !== undefined) return;
    this.#renewedAt = this.#clock.now();
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.#cancel = this.#clock.timer(this.#holder.leaseMs / 3, () => void this.#renew(), { background: true });
  }

  async #renew(): Promise<void> {
    const held = [...this.#drives.values()].map((drive) => ({ drive, fence: drive.fence }));
    if (held.length === 0) {
      this.#cancel = undefined;
      return;
    }
    this.#arm();
    const startedAt = this.#clock.now();
    try {
      const kept = await this.#transaction((tx) =>
        renewLeases(
          tx,
          this.#holder,
          held.map(({ drive, fence }) => [drive.id, fence] as const),
          this.#clock.now(),
        ),
      );
      this.#renewedAt = startedAt;
      for (const { drive, fence } of held) {
        // A drive that gave its saga back meanwhile is not there any more, and not lost.
        const now = kept.get(drive.id);
        if (now !== undefined && now !== fence) drive.abort("lost");
      }
    } catch (error) {
      this.#logger.error("the leases of the sagas in work could not be renewed", { error });
      if (this.#clock.now() >= this.#renewedAt + this.#holder.leaseMs)
        for (const { drive } of held) drive.abort("lost");
    }
  }
}

/** Renews what is still held; gives the fence of each saga as it is in the log. */
async function renewLeases(
  tx: Transaction<SagaTables>,
  holder: Holder,
  held: readonly (readonly [id: string, fence: number])[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const pairs = JSON.stringify(held);
  await sql`
    update sampan_saga set due_at = ${now + holder.leaseMs} where owner = ${holder.owner}
      and (id, fence) in (select value ->> 0, value ->> 1 from json_each(${pairs}))`.execute(tx);
  const { rows } = await sql<{ id: string; fence: bigint }>`
    select id, fence from sampan_saga where id in (select value ->> 0 from json_each(${pairs}))`.execute(tx);
  return new Map(rows.map((row) => [row.id, Number(row.fence)]));
}
