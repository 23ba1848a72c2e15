import { type Call, sortableId } from "@sampan/core";
import type { BrokerMessage } from "@sampan/core/ports";
import type { Generated, Transaction } from "kysely";
import type { Schema } from "../sql/contract.js";
import { type Headers, withOrigin } from "./origin-headers.js";

/** A message to send when the transaction has committed. */
export interface OutboxMessage {
  readonly topic: string;
  /** Messages of a topic with the same key arrive in the order they were added. */
  readonly key: string;
  /** Default: a new one. Give one where the same fact may be written twice; a second row of an id changes nothing. */
  readonly id?: string;
  readonly payload: Uint8Array;
  readonly headers?: Headers;
}

export interface OutboxTables {
  sampan_outbox: {
    seq: Generated<bigint>;
    topic: string;
    message_key: string;
    id: string;
    /** JSON. */
    headers: string;
    payload: Uint8Array;
    /** Milliseconds since the epoch. */
    added_at: bigint;
    /** Why the broker will never take it; such a row stays to be looked at. */
    refused: string | null;
  };
}

export const outboxSchema: Schema = {
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
  async add<DB>(tx: Transaction<DB>, message: OutboxMessage, call: Pick<Call, "origin" | "runtime">): Promise<string> {
    const { clock } = call.runtime;
    const id = message.id ?? sortableId(clock);
    await (tx as unknown as Transaction<OutboxTables>)
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
} as const;

/** A row as the broker takes it. */
export function toBrokerMessage(
  row: Omit<OutboxTables["sampan_outbox"], "seq" | "added_at" | "refused">,
): BrokerMessage {
  return {
    topic: row.topic,
    key: row.message_key,
    id: row.id,
    payload: row.payload,
    headers: JSON.parse(row.headers) as Headers,
  };
}
