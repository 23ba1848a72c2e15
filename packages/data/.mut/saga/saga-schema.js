/** For `openSqlite({ schemas })` of a service that runs sagas. */
export const sagaSchema = {
    name: "saga",
    migrations: [
        {
            id: "0001-saga",
            up: [
                `create table sampan_saga (
          id text primary key, saga text not null, status text not null, step text not null, attempt integer not null,
          ran text not null, pivoted integer not null, due_at integer, wait_until integer, failure text, error text,
          resume_as text, state text not null, owner text, fence integer not null, tenant text not null,
          release_tag text not null, traceparent text not null, started_at integer not null,
          updated_at integer not null) strict`,
                "create index sampan_saga_due on sampan_saga (due_at) where due_at is not null",
                "create index sampan_saga_of_status on sampan_saga (status, updated_at)",
                `create table sampan_saga_history (
          entry integer primary key, saga_id text not null, at integer not null, step text not null, event text not null,
          attempt integer not null, error text) strict`,
                "create index sampan_saga_history_of on sampan_saga_history (saga_id, entry)",
                `create table sampan_saga_signal (
          place integer primary key, saga_id text not null, signal_id text not null, event text not null,
          payload text not null, received_at integer not null, status text not null,
          unique (saga_id, signal_id)) strict`,
                "create index sampan_saga_signal_pending on sampan_saga_signal (saga_id, place) where status = 'pending'",
            ],
        },
    ],
};
//# sourceMappingURL=saga-schema.js.map