export const inboxSchema = {
    name: "inbox",
    migrations: [
        {
            id: "0001-inbox",
            up: [
                `create table sampan_inbox (
          consumer varchar(200) not null, topic varchar(200) not null, id varchar(200) not null, received_at bigint not null,
          primary key (consumer, topic, id))`,
                "create index sampan_inbox_age on sampan_inbox (consumer, received_at)",
            ],
        },
    ],
};
/** What a consumer group has done already. Rows outlive the broker's redeliveries and are then pruned. */
export class Inbox {
    #consumer;
    #sql;
    constructor(consumer, sql) {
        this.#consumer = consumer;
        this.#sql = sql;
    }
    async has({ topic, id }) {
        const row = await this.#sql.read
            .selectFrom("sampan_inbox")
            .select("received_at")
            .where("consumer", "=", this.#consumer)
            .where("topic", "=", topic)
            .where("id", "=", id)
            .executeTakeFirst();
        return row !== undefined;
    }
    /** Marks a message as done, inside the transaction of its effects. False when it was marked before: do nothing then. */
    async mark(tx, { topic, id }, call) {
        const { numInsertedOrUpdatedRows } = await tx
            .insertInto("sampan_inbox")
            .values({ consumer: this.#consumer, topic, id, received_at: BigInt(call.runtime.clock.now()) })
            .onConflict((conflict) => conflict.columns(["consumer", "topic", "id"]).doNothing())
            .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
    }
    /** Deletes rows of this consumer that are older than a time, `step` of them or a few more. True when there are others. */
    async prune(call, before, step) {
        const last = await this.#sql.read
            .selectFrom("sampan_inbox")
            .select("received_at")
            .where("consumer", "=", this.#consumer)
            .where("received_at", "<", BigInt(before))
            .orderBy("received_at")
            .limit(1)
            .offset(step - 1)
            .executeTakeFirst();
        // Rows of the same millisecond go together.
        const until = last?.received_at ?? BigInt(before) - 1n;
        await this.#sql.transaction(call, (tx) => tx.deleteFrom("sampan_inbox").where("consumer", "=", this.#consumer).where("received_at", "<=", until).execute());
        return last !== undefined;
    }
}
//# sourceMappingURL=inbox.js.map