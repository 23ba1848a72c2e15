/**
 * Where a delivery is. At most one delivery of a key in a group is ready or in work (a unique index says so): that is
 * what keeps a key's messages in order.
 */
export const DeliveryState = {
    /** Behind another message of its key. */
    behind: 0,
    /** The first of its key: may be claimed once it is due. */
    ready: 1,
    /** Claimed by a consumer of this process. */
    inWork: 2,
    /** A dead letter. */
    dead: 3,
};
export const queueSchema = {
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
//# sourceMappingURL=queue-schema.js.map