import type { Delivery } from "@sampan/core/ports";
import { type Kysely, sql, type Transaction } from "kysely";
import { deliveryOf, type MessageRow } from "./queue-claim.js";
import { promote } from "./queue-insert.js";
import type { QueueTables } from "./queue-schema.js";

/** What a group gave up on, and why. */
export interface DeadLetter extends Delivery {
  /** Milliseconds since the epoch. */
  readonly diedAt: number;
  /** What the last attempt failed with; shortened. */
  readonly error: string;
}

interface DeadRow extends MessageRow {
  readonly attempt: bigint;
  readonly due_at: bigint;
  readonly error: string;
}

/** Oldest message first. */
export async function readDeadLetters(
  db: Kysely<QueueTables>,
  groupId: number,
  limit: number,
): Promise<readonly DeadLetter[]> {
  const { rows } = await sql<DeadRow>`
    select m.seq, m.topic, m.message_key, m.id, m.payload, m.headers, m.published_at, d.attempt, d.due_at, d.error
    from queue_delivery d join queue_message m on m.seq = d.seq
    where d.group_id = ${groupId} and d.state = 3 order by d.seq limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...deliveryOf(row, Number(row.attempt)), diedAt: Number(row.due_at), error: row.error }));
}

/**
 * Puts a dead letter back, before the messages of its key that still wait, and after the one that is ready or in work.
 * False when there is none of this id.
 */
export async function redriveDeadLetter(
  tx: Transaction<QueueTables>,
  groupId: number,
  id: string,
  now: number,
): Promise<boolean> {
  const { rows } = await sql<{ message_key: string }>`
    update queue_delivery set state = 0, attempt = 0, due_at = ${now}, error = ''
    where delivery_id = (
      select d.delivery_id from queue_delivery d join queue_message m on m.seq = d.seq
      where d.group_id = ${groupId} and d.state = 3 and m.id = ${id} order by d.seq limit 1)
    returning message_key`.execute(tx);
  const row = rows[0];
  if (row === undefined) return false;
  await promote(tx, [[groupId, row.message_key]]);
  return true;
}
