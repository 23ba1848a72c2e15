import type { Kysely } from "kysely";
import type { SagaFailure } from "./saga-failure.js";
import { failureOf, instanceOf, type SagaSnapshot, snapshotOf } from "./saga-instance.js";
import type { SagaStatus } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";

/** One line of a saga's history. */
export interface SagaHistory {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step: string;
  /** `started`, `succeeded`, `failed`, `waiting`, `signalled`, `timed-out`, `turned-back`, `undo-started`, `undone`, … */
  readonly event: string;
  readonly attempt: number;
  readonly error: SagaFailure | undefined;
}

export async function readHistory(db: Kysely<SagaTables>, id: string): Promise<readonly SagaHistory[]> {
  const rows = await db
    .selectFrom("sampan_saga_history")
    .selectAll()
    .where("saga_id", "=", id)
    .orderBy("entry")
    .execute();
  return rows.map((row) => ({
    at: Number(row.at),
    step: row.step,
    event: row.event,
    attempt: Number(row.attempt),
    error: failureOf(row.error),
  }));
}

export async function listInstances(
  db: Kysely<SagaTables>,
  status: SagaStatus | undefined,
  limit: number,
): Promise<readonly SagaSnapshot[]> {
  let query = db.selectFrom("sampan_saga").selectAll().orderBy("updated_at", "desc").limit(limit);
  if (status !== undefined) query = query.where("status", "=", status);
  return (await query.execute()).map((row) => snapshotOf(instanceOf(row)));
}

/** Sagas that have not ended and whose definition is missing. */
export async function countUnregistered(
  db: Kysely<SagaTables>,
  registered: readonly string[],
): Promise<readonly { readonly saga: string; readonly count: number }[]> {
  const rows = await db
    .selectFrom("sampan_saga")
    .select(({ fn }) => ["saga", fn.countAll<bigint>().as("count")])
    .where("due_at", "is not", null)
    .groupBy("saga")
    .execute();
  return rows
    .filter(({ saga }) => !registered.includes(saga))
    .map(({ saga, count }) => ({ saga, count: Number(count) }));
}
