import type { Schema } from "../sql/contract.js";

/** The queue's file. Times are milliseconds since the epoch. */
export interface QueueTables {
  readonly queue_group: { readonly group_id: bigint; readonly topic: string; readonly name: string };
  /** Kept while some group has a delivery of it. */
  readonly queue_message: {
    readonly seq: bigint;
    readonly topic: string;
    readonly message_key: string;
    readonly id: string;
    readonly payload: Uint8Array;
    readonly headers: string;
    readonly published_at: bigint;
  };
  readonly queue_delivery: {
    readonly delivery_id: bigint;
    readonly group_id: bigint;
    readonly seq: bigint;
    readonly message_key: string;
    /**
     * Where a delivery is: 0 behind another message of its key; 1 the first of its key, to be claimed once it is due;
     * 2 claimed by a consumer of this process; 3 a dead letter. At most one delivery of a key in a group is 1 or 2 (a
     * unique index says so), which keeps a key's messages in order.
     */
    readonly state: bigint;
    readonly attempt: bigint;
    readonly due_at: bigint;
    readonly error: string;
  };
  /** Ids within the deduplication window. */
  readonly queue_seen: { readonly topic: string; readonly id: string; readonly seen_at: bigint };
}

export const queueSchema: Schema = {
  name: "queue",
  migrations: [
    {
      id: "0001-queue",
      up: [
        `create table queue_group (
          group_id integer primary key, topic text not null, name text not null, unique (topic, name)) strict`,
        `create table queue_message (
          seq integer primary key, topic text not null, message_key text not null, id text not null,
          payload blob not null, headers text not null, published_at integer not null) strict`,
        `create table queue_delivery (
          delivery_id integer primary key, group_id integer not null, seq integer not null, message_key text not null,
          state integer not null default 0, attempt integer not null default 0, due_at integer not null,
          error text not null default '') strict`,
        "create unique index queue_head on queue_delivery (group_id, message_key) where state in (1, 2)",
        "create index queue_behind on queue_delivery (group_id, message_key, seq) where state = 0",
        "create index queue_ready on queue_delivery (group_id, due_at, seq) where state = 1",
        "create index queue_dead on queue_delivery (group_id, seq) where state = 3",
        "create index queue_of_message on queue_delivery (seq)",
        `create table queue_seen (
          topic text not null, id text not null, seen_at integer not null, primary key (topic, id)) strict, without rowid`,
        "create index queue_seen_at on queue_seen (seen_at)",
      ],
    },
  ],
};
