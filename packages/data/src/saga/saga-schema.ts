import type { Schema } from "../sql/contract.js";

/** The saga log in the service's own database. Times are milliseconds since the epoch. */
export interface SagaTables {
  readonly sampan_saga: SagaRow;
  readonly sampan_saga_history: HistoryRow;
  readonly sampan_saga_signal: SignalRow;
}

export interface HistoryRow {
  readonly entry: bigint;
  readonly saga_id: string;
  readonly at: bigint;
  readonly step: string;
  readonly event: string;
  readonly attempt: bigint;
  /** JSON of a `SagaFailure`. */
  readonly error: string | null;
}

export interface SignalRow {
  /** Order of arrival. */
  readonly place: bigint;
  readonly saga_id: string;
  readonly signal_id: string;
  readonly event: string;
  readonly payload: string;
  readonly received_at: bigint;
  /** `pending`, `handled` or `late`. */
  readonly status: string;
}

export interface SagaRow {
  readonly id: string;
  readonly saga: string;
  readonly status: string;
  readonly step: string;
  readonly attempt: bigint;
  /** JSON list of step names. */
  readonly ran: string;
  readonly pivoted: bigint;
  /** When somebody should look at it: a retry, a timeout, or the end of the lease of the runner that has it in work. */
  readonly due_at: bigint | null;
  readonly wait_until: bigint | null;
  /** JSON of a `SagaFailure`. */
  readonly failure: string | null;
  readonly error: string | null;
  readonly resume_as: string | null;
  readonly state: string;
  /** The runner that has it in work. */
  readonly owner: string | null;
  /** Fencing token: one more at every claim; who holds an older one writes nothing. */
  readonly fence: bigint;
  readonly tenant: string;
  readonly release_tag: string;
  readonly traceparent: string;
  readonly started_at: bigint;
  readonly updated_at: bigint;
}

/** For `openSqlite({ schemas })` of a service that runs sagas. */
export const sagaSchema: Schema = {
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
