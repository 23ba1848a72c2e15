import type { Delivery } from "@sampan/core/ports";
import { sql, type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";
import type { Claim } from "./settlement.js";

/** A claim with the message to deliver. */
export interface Claimed {
  readonly claim: Claim;
  readonly delivery: Delivery;
}

interface ClaimedRow {
  readonly delivery_id: bigint;
  readonly seq: bigint;
  readonly attempt: bigint;
}

export interface MessageRow {
  readonly seq: bigint;
  readonly topic: string;
  readonly message_key: string;
  readonly id: string;
  readonly payload: Uint8Array;
  readonly headers: string;
  readonly published_at: bigint;
}

/** Claims up to `limit` messages of a group that are ready and due, the longest due first; counts the attempt. */
export async function claimReady(
  tx: Transaction<QueueTables>,
  groupId: number,
  limit: number,
  now: number,
): Promise<readonly Claimed[]> {
  const { rows: claimed } = await sql<ClaimedRow>`
    update queue_delivery set state = 2, attempt = attempt + 1 where delivery_id in (
      select delivery_id from queue_delivery
      where group_id = ${groupId} and state = 1 and due_at <= ${now} order by due_at, seq limit ${limit})
    returning delivery_id, seq, attempt`.execute(tx);
  if (claimed.length === 0) return [];
  const bySeq = new Map(claimed.map((row) => [row.seq, row]));
  const { rows: messages } = await sql<MessageRow>`
    select seq, topic, message_key, id, payload, headers, published_at from queue_message
    where seq in (select value from json_each(${JSON.stringify(claimed.map((row) => Number(row.seq)))}))
    order by seq`.execute(tx);
  return messages.map((message) => {
    const row = bySeq.get(message.seq) as ClaimedRow;
    const attempt = Number(row.attempt);
    const claim = {
      deliveryId: Number(row.delivery_id),
      groupId,
      seq: Number(row.seq),
      key: message.message_key,
      attempt,
    };
    return { claim, delivery: deliveryOf(message, attempt) };
  });
}

/** When the next message of the group that is not due yet will be; undefined when none is ready. */
export async function nextDue(tx: Transaction<QueueTables>, groupId: number): Promise<number | undefined> {
  const { rows } = await sql<{ due_at: bigint }>`
    select due_at from queue_delivery where group_id = ${groupId} and state = 1 order by due_at limit 1`.execute(tx);
  return rows[0] === undefined ? undefined : Number(rows[0].due_at);
}

export function deliveryOf(row: MessageRow, attempt: number): Delivery {
  return {
    topic: row.topic,
    key: row.message_key,
    id: row.id,
    payload: new Uint8Array(row.payload),
    headers: JSON.parse(row.headers) as Record<string, string>,
    attempt,
    publishedAt: Number(row.published_at),
  };
}
