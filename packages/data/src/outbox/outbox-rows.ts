import type { Runtime } from "@sampan/core";
import type { BrokerMessage } from "@sampan/core/ports";
import type { Sql } from "../sql/contract.js";
import { type OutboxTables, toBrokerMessage } from "./outbox.js";

/** A message that waits, with its place in the outbox. */
export interface WaitingMessage {
  readonly seq: bigint;
  readonly message: BrokerMessage;
}

/** The relay's view of the table: oldest first, and nothing of what the broker has refused for good. */
export class OutboxRows {
  readonly #sql: Sql<OutboxTables>;
  readonly #runtime: Runtime;

  constructor(sql: Sql<OutboxTables>, runtime: Runtime) {
    this.#sql = sql;
    this.#runtime = runtime;
  }

  async next(limit: number): Promise<WaitingMessage[]> {
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
  async count(): Promise<number> {
    const row = await this.#sql.read
      .selectFrom("sampan_outbox")
      .select((e) => e.fn.countAll<bigint>().as("count"))
      .where("refused", "is", null)
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  async delete(messages: readonly WaitingMessage[]): Promise<void> {
    const seqs = messages.map(({ seq }) => seq);
    await this.#runtime.run({ name: "outbox/published" }, (call) =>
      this.#sql.transaction(call, (tx) => tx.deleteFrom("sampan_outbox").where("seq", "in", seqs).execute()),
    );
  }

  async refuse({ seq }: WaitingMessage, why: string): Promise<void> {
    await this.#runtime.run({ name: "outbox/refused" }, (call) =>
      this.#sql.transaction(call, (tx) =>
        tx.updateTable("sampan_outbox").set({ refused: why }).where("seq", "=", seq).execute(),
      ),
    );
  }
}
