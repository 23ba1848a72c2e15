import type { BrokerMessage } from "@sampan/core/ports";
import { CompiledQuery, sql, type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";

/** A key of a group: the unit of order. */
export type GroupKey = readonly [groupId: number, key: string];

export interface Insertion {
  readonly messages: readonly BrokerMessage[];
  /** The first free sequence number; the messages get this one and those after it. */
  readonly firstSeq: number;
  readonly now: number;
  /** Ids seen before this time are forgotten. */
  readonly windowStart: number;
  readonly groupsOf: (topic: string) => readonly number[];
}

/** Rows of one statement: enough to spread its cost, far below SQLite's limit of 32766 parameters. */
const rowsOfStatement = 100;

/**
 * Hot path (guarded by the queue benchmark): a turn writes all its messages with a fixed number of statements, lists
 * passed as one JSON parameter. Only payloads, which JSON cannot carry, are bound one by one.
 *
 * Gives the messages that were stored: those whose id is new and whose topic has a group.
 */
export async function insertMessages(
  tx: Transaction<QueueTables>,
  insertion: Insertion,
): Promise<{ readonly stored: number; readonly touched: readonly GroupKey[] }> {
  const { messages, firstSeq, now } = insertion;
  const fresh = await rememberIds(tx, insertion);
  const rows: unknown[][] = [];
  const deliveries: [groupId: number, seq: number, key: string, dueAt: number][] = [];
  for (const message of messages) {
    // Deleted when taken, so that an id that is twice in one batch is stored once.
    if (!fresh.delete(identity(message.topic, message.id))) continue;
    const groups = insertion.groupsOf(message.topic);
    if (groups.length === 0) continue;
    const seq = firstSeq + rows.length;
    const { topic, key, id, payload, headers } = message;
    rows.push([seq, topic, key, id, asBuffer(payload), JSON.stringify(headers), now]);
    for (const group of groups) deliveries.push([group, seq, key, now]);
  }
  if (rows.length === 0) return { stored: 0, touched: [] };
  for (let at = 0; at < rows.length; at += rowsOfStatement) {
    const part = rows.slice(at, at + rowsOfStatement);
    await tx.executeQuery(CompiledQuery.raw(insertText(part.length), part.flat()));
  }
  await sql`
    insert into queue_delivery (group_id, seq, message_key, due_at)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(${JSON.stringify(deliveries)})`.execute(
    tx,
  );
  return { stored: rows.length, touched: deliveries.map(([group, , key]) => [group, key]) };
}

/** Writes down the ids; gives those that were not seen within the window. */
async function rememberIds(
  tx: Transaction<QueueTables>,
  { messages, now, windowStart }: Insertion,
): Promise<Set<string>> {
  const ids = JSON.stringify(messages.map(({ topic, id }) => [topic, id]));
  const { rows } = await sql<{ topic: string; id: string }>`
    insert into queue_seen (topic, id, seen_at)
    select value ->> 0, value ->> 1, ${now} from json_each(${ids}) where true
    on conflict (topic, id) do update set seen_at = excluded.seen_at where seen_at < ${windowStart}
    returning topic, id`.execute(tx);
  return new Set(rows.map(({ topic, id }) => identity(topic, id)));
}

/**
 * Makes the first waiting message of each key ready where none of that key is ready or in work: after messages were
 * added, and after deliveries ended.
 */
export async function promote(tx: Transaction<QueueTables>, touched: readonly GroupKey[]): Promise<void> {
  if (touched.length === 0) return;
  const keys = JSON.stringify(touched);
  await sql`
    update queue_delivery set state = 1 where delivery_id in (
      select (select behind.delivery_id from queue_delivery behind
              where behind.group_id = k.value ->> 0 and behind.message_key = k.value ->> 1 and behind.state = 0
              order by behind.seq limit 1)
      from json_each(${keys}) k
      where not exists (select 1 from queue_delivery head
                        where head.group_id = k.value ->> 0 and head.message_key = k.value ->> 1
                          and head.state in (1, 2)))`.execute(tx);
}

const insertTexts: string[] = [];

function insertText(rows: number): string {
  return (insertTexts[rows] ??=
    "insert into queue_message (seq, topic, message_key, id, payload, headers, published_at) values " +
    Array(rows).fill("(?,?,?,?,?,?,?)").join(","));
}

function identity(topic: string, id: string): string {
  return `${topic}\0${id}`;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
