import type { Migration } from "@sampan/data";
import type { Difference, Entry } from "../domain/difference.js";

export interface ReconciliationTables {
  reconciliation: {
    day: string;
    status: "waiting" | "running" | "done";
    /** Raised by whoever takes the day up; who finds another one has lost it. */
    run: bigint;
    /** The last run that came to an end; 0 before. */
    shown_run: bigint;
    /** Waiting: not before; running: taken over after it. */
    due_at: bigint;
    attempts: bigint;
    failure: string;
    finished_at: bigint;
    /** JSON, of the shown run. */
    result: string;
  };
  bill_line: {
    day: string;
    run: bigint;
    kind: Entry["kind"];
    reference: string;
    line_no: bigint;
    order_id: string;
    amount: bigint;
    currency: string;
    state: Entry["state"];
    transaction_id: string;
  };
  difference: {
    day: string;
    run: bigint;
    no: bigint;
    kind: Difference["kind"];
    entry: Difference["entry"];
    reference: string;
    order_id: string;
    ours: bigint | null;
    our_currency: string;
    theirs: bigint | null;
    their_currency: string;
    our_state: string;
    their_state: string;
    reason: string;
  };
}

/** A user's entries in the order of their booking, so that they can be read in pages. */
export const ledgerOfUserMigration: Migration = {
  id: "0005-ledger-of-user",
  up: ["create index ledger_user_booked on ledger (user_id, booked_at, kind, reference)", "drop index ledger_user"],
};

export const reconciliationMigration: Migration = {
  id: "0003-reconciliation",
  up: [
    `create table reconciliation (
      day varchar(10) not null primary key,
      status varchar(16) not null,
      run bigint not null,
      shown_run bigint not null,
      due_at bigint not null,
      attempts bigint not null,
      failure varchar(500) not null,
      finished_at bigint not null,
      result text not null
    )`,
    // The bill while it is compared: sorted by its key, which no bill is.
    `create table bill_line (
      day varchar(10) not null,
      run bigint not null,
      kind varchar(16) not null,
      reference varchar(64) not null,
      line_no bigint not null,
      order_id varchar(64) not null,
      amount bigint not null,
      currency char(3) not null,
      state varchar(16) not null,
      transaction_id varchar(64) not null,
      primary key (day, run, kind, reference, line_no)
    )`,
    `create table difference (
      day varchar(10) not null,
      run bigint not null,
      no bigint not null,
      kind varchar(32) not null,
      entry varchar(16) not null,
      reference varchar(128) not null,
      order_id varchar(64) not null,
      ours bigint,
      our_currency varchar(3) not null,
      theirs bigint,
      their_currency varchar(3) not null,
      our_state varchar(16) not null,
      their_state varchar(16) not null,
      reason varchar(200) not null,
      primary key (day, run, no)
    )`,
  ],
};
