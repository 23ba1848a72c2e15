import { sql } from "kysely";
import { promote } from "./queue-insert.js";
import { deleteFinished } from "./queue-settle.js";
/** One bounded step of deleting what is too old, so that pruning never holds up the queue for long. */
export async function prune(tx, limits) {
    const { numAffectedRows: forgotten } = await sql `
    delete from queue_seen where (topic, id) in (
      select topic, id from queue_seen where seen_at < ${limits.seenBefore} order by seen_at limit ${limits.rows})`.execute(tx);
    // Messages are stored in the order of their time, so the oldest are the first by sequence number.
    const { rows: last } = await sql `
    select seq from (select seq, published_at from queue_message order by seq limit ${limits.rows})
    where published_at < ${limits.publishedBefore} order by seq desc limit 1`.execute(tx);
    const end = last[0]?.seq;
    if (end === undefined) {
        return { waiting: 0, dead: 0, deletedMessages: 0, more: Number(forgotten ?? 0n) >= limits.rows };
    }
    const { rows } = await sql `
    delete from queue_delivery where seq <= ${end} and state <> 2 returning group_id, message_key, seq, state`.execute(tx);
    await promote(tx, rows.map((row) => [Number(row.group_id), row.message_key]));
    const deletedMessages = await deleteFinished(tx, rows.map((row) => Number(row.seq)));
    const dead = rows.filter((row) => row.state === 3n).length;
    return { waiting: rows.length - dead, dead, deletedMessages, more: rows.length > 0 };
}
//# sourceMappingURL=retention.js.map