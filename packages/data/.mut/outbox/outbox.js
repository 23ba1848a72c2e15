import { sortableId } from "@sampan/core";
import { withOrigin } from "./origin-headers.js";
export const outboxSchema = {
    name: "outbox",
    migrations: [
        {
            id: "0001-outbox",
            up: [
                // autoincrement: a number is never given again, so the order of `seq` is that of the commits.
                `create table sampan_outbox (
          seq integer primary key autoincrement, topic text not null, message_key text not null, id text not null unique,
          headers text not null, payload blob not null, added_at integer not null, refused text) strict`,
            ],
        },
    ],
};
/**
 * Messages that commit with the data they tell of. A row waits here until `outboxRelay` has given it to the broker: at least once,
 * in the order it was added, also after a crash at any point.
 */
export const outbox = {
    /**
     * Adds a message inside the transaction, with the tenant, release tag and trace of the call as headers. Gives its id.
     * Where there is no call but what is kept of one (the end of a saga), that will do.
     */
    async add(tx, message, call) {
        const { clock } = call.runtime;
        const id = message.id ?? sortableId(clock);
        await tx
            .insertInto("sampan_outbox")
            .values({
            topic: message.topic,
            message_key: message.key,
            id,
            headers: JSON.stringify(withOrigin(message.headers ?? {}, call.origin)),
            payload: message.payload,
            added_at: BigInt(clock.now()),
        })
            .onConflict((conflict) => conflict.column("id").doNothing())
            .execute();
        return id;
    },
};
/** A row as the broker takes it. */
export function toBrokerMessage(row) {
    return {
        topic: row.topic,
        key: row.message_key,
        id: row.id,
        payload: row.payload,
        headers: JSON.parse(row.headers),
    };
}
//# sourceMappingURL=outbox.js.map