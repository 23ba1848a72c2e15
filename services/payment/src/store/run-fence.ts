import type { Call, Clock } from "@sampan/core";
import type { Sql } from "@sampan/data";
import type { Transaction } from "kysely";
import { PaymentErrors } from "../domain/errors.js";
import type { TakenDay } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";

/** How long a runner may be silent before another takes its day over, in ms. Every write says that it lives. */
export const leaseMs = 60_000;

/** A run that only reads for so long says that it lives, in ms. */
export const silentMs = 15_000;

/** Keeps the day for this run, in the transaction of each write. Throws `RECONCILIATION_TAKEN_OVER` when it is lost. */
export async function stillOurs(tx: Transaction<PaymentTables>, { day, run }: TakenDay, clock: Clock): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("reconciliation")
    .set({ due_at: BigInt(clock.now() + leaseMs) })
    .where("day", "=", day)
    .where("run", "=", run)
    .where("status", "=", "running")
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw PaymentErrors.RECONCILIATION_TAKEN_OVER({ date: day });
}

/** A short write of a run that still has its day. */
export type WriteOfRun = (work: (tx: Transaction<PaymentTables>) => Promise<void>) => Promise<void>;

export interface RunFence {
  readonly write: WriteOfRun;
  /** Says that the run lives, when it has not for `silentMs`. */
  readonly live: () => Promise<void>;
}

export function runFence(sql: Sql<PaymentTables>, taken: TakenDay, clock: Clock, call: Call): RunFence {
  let saidAt = clock.now();
  const write: WriteOfRun = async (work) => {
    await sql.transaction(call, async (tx) => {
      await stillOurs(tx, taken, clock);
      await work(tx);
    });
    saidAt = clock.now();
  };
  return {
    write,
    async live() {
      if (clock.now() - saidAt >= silentMs) await write(async () => {});
    },
  };
}
