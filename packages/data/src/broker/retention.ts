import { sql, type Transaction } from "kysely";
import { type GroupKey, promote } from "./queue-insert.js";
import type { QueueTables } from "./queue-schema.js";
import { deleteFinished } from "./queue-settle.js";

export interface PruneLimits {
  /** Ids seen before this are forgotten. */
  readonly seenBefore: number;
  /** Messages published before this are deleted, unless in work. */
  readonly publishedBefore: number;
  /** Rows of one transaction. */
  readonly rows: number;
}

export interface Pruned {
  /** Deliveries deleted although nobody had acknowledged them. */
  readonly waiting: number;
  readonly dead: number;
  readonly deletedMessages: number;
  /** There may be more to prune. */
  readonly more: boolean;
}

/** One bounded step of deleting what is too old, so that pruning never holds up the queue for long. */
export async function prune(tx: Transaction<QueueTables>, limits: PruneLimits): Promise<Pruned> {
  const { numAffectedRows: forgotten } = await sql`
    delete from queue_seen where (topic, id) in (
      select topic, id from queue_seen where seen_at < ${limits.seenBefore} order by seen_at limit ${limits.rows})`.execute(
    tx,
  );
  // Messages are stored in the order of their time, so the oldest are the first by sequence number.
  const { rows: last } = await sql<{ seq: bigint }>`
    select seq from (select seq, published_at from queue_message order by seq limit ${limits.rows})
    where published_at < ${limits.publishedBefore} order by seq desc limit 1`.execute(tx);
  const end = last[0]?.seq;
  if (end === undefined) {
    return { waiting: 0, dead: 0, deletedMessages: 0, more: Number(forgotten ?? 0n) >= limits.rows };
  }
  const { rows } = await sql<{ group_id: bigint; message_key: string; seq: bigint; state: bigint }>`
    delete from queue_delivery where seq <= ${end} and state <> 2 returning group_id, message_key, seq, state`.execute(
    tx,
  );
  await promote(
    tx,
    rows.map((row): GroupKey => [Number(row.group_id), row.message_key]),
  );
  const deletedMessages = await deleteFinished(
    tx,
    rows.map((row) => Number(row.seq)),
  );
  const dead = rows.filter((row) => row.state === 3n).length;
  return { waiting: rows.length - dead, dead, deletedMessages, more: rows.length > 0 };
}
