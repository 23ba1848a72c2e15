import { type Kysely, sql, type Transaction } from "kysely";
import { instanceOf, rowOf, type SagaInstance } from "./saga-instance.js";
import type { HistoryEntry } from "./saga-progress.js";
import type { SagaRow, SagaTables } from "./saga-schema.js";

type Tx = Transaction<SagaTables>;

/** False when there is one of this id. */
export async function insertInstance(tx: Tx, instance: SagaInstance): Promise<boolean> {
  const inserted = await tx
    .insertInto("sampan_saga")
    .values(rowOf(instance))
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .execute();
  return inserted.length > 0;
}

/** Writes all that changes in a saga's life. False when another runner has taken it since (a newer fence). */
export async function updateInstance(tx: Tx, instance: SagaInstance, fence: number): Promise<boolean> {
  const row = rowOf(instance);
  const { numAffectedRows } = await sql`
    update sampan_saga set status = ${row.status}, step = ${row.step}, attempt = ${row.attempt}, ran = ${row.ran},
      pivoted = ${row.pivoted}, due_at = ${row.due_at}, wait_until = ${row.wait_until}, failure = ${row.failure},
      error = ${row.error}, resume_as = ${row.resume_as}, state = ${row.state}, owner = ${row.owner},
      fence = ${row.fence}, updated_at = ${row.updated_at}
    where id = ${row.id} and fence = ${fence}`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

export async function loadInstance(db: Kysely<SagaTables>, id: string): Promise<SagaInstance | undefined> {
  const { rows } = await sql<SagaRow>`select * from sampan_saga where id = ${id}`.execute(db);
  return rows[0] === undefined ? undefined : instanceOf(rows[0]);
}

export async function appendHistory(
  tx: Tx,
  id: string,
  entries: readonly HistoryEntry[],
  now: number,
  error: string | null,
): Promise<void> {
  if (entries.length === 0) return;
  // The error belongs to the entry that failed; the others are what followed from it.
  const rows = entries.map(({ step, event, attempt }) => [
    step,
    event,
    attempt,
    /failed|stuck/.test(event) ? error : null,
  ]);
  await sql`
    insert into sampan_saga_history (saga_id, at, step, event, attempt, error)
    select ${id}, ${now}, value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(${JSON.stringify(rows)})`.execute(
    tx,
  );
}

/** Sagas that somebody should look at, the longest due first. `busy` are in work in this process, whatever their lease says. */
export async function loadDue(
  tx: Tx,
  sagas: readonly string[],
  busy: readonly string[],
  now: number,
  limit: number,
): Promise<readonly SagaInstance[]> {
  const { rows } = await sql<SagaRow>`
    select * from sampan_saga where due_at <= ${now}
      and saga in (select value from json_each(${JSON.stringify(sagas)}))
      and id not in (select value from json_each(${JSON.stringify(busy)}))
    order by due_at limit ${limit}`.execute(tx);
  return rows.map(instanceOf);
}

export async function nextDueAt(db: Kysely<SagaTables>, sagas: readonly string[]): Promise<number | undefined> {
  const { rows } = await sql<{ due_at: bigint }>`
    select due_at from sampan_saga where due_at is not null
      and saga in (select value from json_each(${JSON.stringify(sagas)}))
    order by due_at limit 1`.execute(db);
  return rows[0] === undefined ? undefined : Number(rows[0].due_at);
}

export async function loadMany(tx: Tx, ids: readonly string[]): Promise<readonly SagaInstance[]> {
  const { rows } = await sql<SagaRow>`
    select * from sampan_saga where id in (select value from json_each(${JSON.stringify(ids)}))`.execute(tx);
  return rows.map(instanceOf);
}

/** Deletes some that ended before a time, with their history and signals. Gives how many. */
export async function deleteEnded(tx: Tx, before: number, limit: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    delete from sampan_saga where id in (
      select id from sampan_saga where status in ('completed', 'compensated') and updated_at < ${before} limit ${limit})
    returning id`.execute(tx);
  const ids = JSON.stringify(rows.map((row) => row.id));
  await sql`delete from sampan_saga_history where saga_id in (select value from json_each(${ids}))`.execute(tx);
  await sql`delete from sampan_saga_signal where saga_id in (select value from json_each(${ids}))`.execute(tx);
  return rows.length;
}
