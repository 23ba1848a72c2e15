import { sql, type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";

export interface GroupRow {
  readonly id: number;
  readonly topic: string;
  readonly name: string;
}

/** What an opened file holds. */
export interface Recovered {
  readonly groups: readonly GroupRow[];
  readonly nextSeq: number;
  readonly backlog: number;
  /** Deliveries that were in work when the last process ended. */
  readonly interrupted: number;
}

/** Makes the file ready: what an earlier process had in work is ready again at once, because only one process opens it. */
export async function recover(tx: Transaction<QueueTables>): Promise<Recovered> {
  const { numAffectedRows } = await sql`update queue_delivery set state = 1 where state = 2`.execute(tx);
  const { rows: groups } = await sql<{ group_id: bigint; topic: string; name: string }>`
    select group_id, topic, name from queue_group order by group_id`.execute(tx);
  const { rows: counts } = await sql<{ last: bigint | null; backlog: bigint }>`
    select (select max(seq) from queue_message) as last, (select count(distinct seq) from queue_delivery) as backlog`.execute(
    tx,
  );
  const count = counts[0];
  return {
    groups: groups.map((row) => ({ id: Number(row.group_id), topic: row.topic, name: row.name })),
    nextSeq: Number(count?.last ?? 0n) + 1,
    backlog: Number(count?.backlog ?? 0n),
    interrupted: Number(numAffectedRows ?? 0n),
  };
}

/** Finds the group, or adds it: from then on it gets what is published to its topic. */
export async function addGroup(tx: Transaction<QueueTables>, topic: string, name: string): Promise<GroupRow> {
  await sql`insert into queue_group (topic, name) values (${topic}, ${name}) on conflict (topic, name) do nothing`.execute(
    tx,
  );
  const { rows } = await sql<{ group_id: bigint }>`
    select group_id from queue_group where topic = ${topic} and name = ${name}`.execute(tx);
  return { id: Number(rows[0]?.group_id), topic, name };
}
