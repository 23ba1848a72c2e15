import { toBrokerMessage } from "./outbox.js";
/** The relay's view of the table: oldest first, and nothing of what the broker has refused for good. */
export class OutboxRows {
    #sql;
    #runtime;
    constructor(sql, runtime) {
        this.#sql = sql;
        this.#runtime = runtime;
    }
    async next(limit) {
        const rows = await this.#sql.read
            .selectFrom("sampan_outbox")
            .select(["seq", "topic", "message_key", "id", "headers", "payload"])
            .where("refused", "is", null)
            .orderBy("seq")
            .limit(limit)
            .execute();
        return rows.map((row) => ({ seq: row.seq, message: toBrokerMessage(row) }));
    }
    /** How many wait. */
    async count() {
        const row = await this.#sql.read
            .selectFrom("sampan_outbox")
            .select((e) => e.fn.countAll().as("count"))
            .where("refused", "is", null)
            .executeTakeFirst();
        return Number(row?.count ?? 0);
    }
    async delete(messages) {
        const seqs = messages.map(({ seq }) => seq);
        await this.#runtime.run({ name: "outbox/published" }, (call) => this.#sql.transaction(call, (tx) => tx.deleteFrom("sampan_outbox").where("seq", "in", seqs).execute()));
    }
    async refuse({ seq }, why) {
        await this.#runtime.run({ name: "outbox/refused" }, (call) => this.#sql.transaction(call, (tx) => tx.updateTable("sampan_outbox").set({ refused: why }).where("seq", "=", seq).execute()));
    }
}
//# sourceMappingURL=outbox-rows.js.map