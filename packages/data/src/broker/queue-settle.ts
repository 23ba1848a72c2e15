import { sql, type Transaction } from "kysely";
import type { GroupKey } from "./queue-insert.js";
import type { QueueTables } from "./queue-schema.js";
import type { Settlement } from "./settlement.js";

/**
 * Writes how deliveries ended, all that ended since the last turn at once. Gives the keys whose next message may go,
 * and how many messages no group needs any more.
 */
export async function writeSettlements(
  tx: Transaction<QueueTables>,
  settlements: readonly Settlement[],
): Promise<{ readonly deleted: number; readonly touched: readonly GroupKey[] }> {
  const acknowledged: number[] = [];
  const finished: number[] = [];
  const changed: [deliveryId: number, state: number, attempt: number, dueAt: number, error: string][] = [];
  const touched: GroupKey[] = [];
  for (const settlement of settlements) {
    const { claim } = settlement;
    if (settlement.type === "return") {
      changed.push([claim.deliveryId, 1, settlement.attempt, settlement.dueAt, settlement.error]);
      continue;
    }
    touched.push([claim.groupId, claim.key]);
    if (settlement.type === "bury") {
      changed.push([claim.deliveryId, 3, claim.attempt, settlement.at, settlement.error]);
    } else {
      acknowledged.push(claim.deliveryId);
      finished.push(claim.seq);
    }
  }
  if (changed.length > 0) {
    await sql`
      update queue_delivery set state = c.value ->> 1, attempt = c.value ->> 2, due_at = c.value ->> 3, error = c.value ->> 4
      from json_each(${JSON.stringify(changed)}) c where delivery_id = c.value ->> 0`.execute(tx);
  }
  if (acknowledged.length === 0) return { deleted: 0, touched };
  await sql`
    delete from queue_delivery where delivery_id in (select value from json_each(${JSON.stringify(acknowledged)}))`.execute(
    tx,
  );
  return { deleted: await deleteFinished(tx, finished), touched };
}

/** Deletes those of the messages that no delivery points to. */
export async function deleteFinished(tx: Transaction<QueueTables>, seqs: readonly number[]): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from queue_message where seq in (select value from json_each(${JSON.stringify(seqs)}))
      and not exists (select 1 from queue_delivery d where d.seq = queue_message.seq)`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}
