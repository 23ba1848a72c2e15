import type { Schema } from "@sampan/data";
import type { Inquiry } from "./domain/inquiry.js";
import type { LedgerEntry, PaymentKind, PaymentStatus } from "./domain/payment.js";
import type { RefundState } from "./domain/refund.js";
import {
  ledgerOfUserMigration,
  type ReconciliationTables,
  reconciliationMigration,
} from "./store/reconciliation-schema.js";

export interface PaymentTables extends ReconciliationTables {
  payment: {
    order_id: string;
    user_id: string;
    kind: PaymentKind;
    status: PaymentStatus;
    amount: bigint;
    currency: string;
    charged: bigint;
    refunded: bigint;
    created_at: bigint;
    prepay_id: string;
    transaction_id: string;
    expires_at: bigint;
    bill_from: bigint;
    bill_to: bigint;
    billed_on: string;
  };
  wallet: { user_id: string; currency: string; balance: bigint };
  refund: {
    refund_id: string;
    order_id: string;
    amount: bigint;
    currency: string;
    /** 1 when it is in the ledger. */
    done: bigint;
    state: RefundState;
    reason: string;
    created_at: bigint;
    platform_refund_id: string;
    bill_from: bigint;
    bill_to: bigint;
    billed_on: string;
  };
  inquiry: {
    kind: Inquiry["kind"];
    reference: string;
    since_at: bigint;
    ask_at: bigint;
    asks: bigint;
    tenant: string;
  };
  irregularity: {
    irregularity_id: string;
    reason: string;
    order_id: string;
    detail: string;
    first_at: bigint;
    last_at: bigint;
    times: bigint;
  };
  ledger: {
    kind: LedgerEntry["kind"];
    reference: string;
    order_id: string;
    user_id: string;
    amount: bigint;
    currency: string;
    booked_at: bigint;
  };
  notification: { notification_id: string; received_at: bigint };
}

export const paymentSchema: Schema = {
  name: "payment",
  migrations: [
    {
      id: "0001-payments",
      up: [
        `create table payment (
          order_id varchar(64) not null primary key,
          user_id varchar(64) not null,
          kind varchar(16) not null,
          status varchar(16) not null,
          amount bigint not null,
          currency char(3) not null,
          charged bigint not null check (charged >= 0),
          refunded bigint not null check (refunded >= 0 and refunded <= charged),
          created_at bigint not null,
          prepay_id varchar(128) not null,
          transaction_id varchar(64) not null
        )`,
        `create table wallet (
          user_id varchar(64) not null,
          currency char(3) not null,
          balance bigint not null check (balance >= 0),
          primary key (user_id, currency)
        )`,
        `create table refund (
          refund_id varchar(64) not null primary key,
          order_id varchar(64) not null references payment (order_id),
          amount bigint not null check (amount > 0),
          currency char(3) not null,
          done smallint not null
        )`,
        "create index refund_order on refund (order_id)",
        `create table ledger (
          kind varchar(16) not null,
          reference varchar(300) not null,
          order_id varchar(64) not null,
          user_id varchar(64) not null,
          amount bigint not null check (amount > 0),
          currency char(3) not null,
          booked_at bigint not null,
          primary key (kind, reference)
        )`,
        `create table notification (
          notification_id varchar(128) not null primary key,
          received_at bigint not null
        )`,
      ],
    },
    {
      id: "0002-asking",
      up: [
        // `bill_from`, `bill_to`: when the platform moved the money, 0 before; `billed_on`: see reconciliation/books.ts.
        "alter table payment add column expires_at bigint not null default 0",
        "alter table payment add column bill_from bigint not null default 0",
        "alter table payment add column bill_to bigint not null default 0",
        "alter table payment add column billed_on varchar(10) not null default ''",
        "alter table refund add column state varchar(16) not null default 'asked'",
        "alter table refund add column reason varchar(80) not null default ''",
        "alter table refund add column created_at bigint not null default 0",
        "alter table refund add column platform_refund_id varchar(64) not null default ''",
        "alter table refund add column bill_from bigint not null default 0",
        "alter table refund add column bill_to bigint not null default 0",
        "alter table refund add column billed_on varchar(10) not null default ''",
        `create table inquiry (
          kind varchar(16) not null,
          reference varchar(64) not null,
          since_at bigint not null,
          ask_at bigint not null,
          asks bigint not null,
          tenant varchar(128) not null,
          primary key (kind, reference)
        )`,
        "create index inquiry_due on inquiry (ask_at)",
        `create table irregularity (
          irregularity_id varchar(300) not null primary key,
          reason varchar(64) not null,
          order_id varchar(64) not null,
          detail varchar(500) not null,
          first_at bigint not null,
          last_at bigint not null,
          times bigint not null
        )`,
        "create index payment_billed on payment (bill_to, order_id)",
        "create index refund_billed on refund (bill_to, refund_id)",
        "create index refund_state on refund (state, refund_id)",
        "create index ledger_user on ledger (user_id)",
        "create index ledger_order on ledger (order_id)",
        "create index ledger_booked on ledger (booked_at, kind, reference)",
        // Of before this migration: what waits is asked for at once, and what was booked was moved at some time until then.
        "update payment set expires_at = created_at + 900000 where kind = 'pay-order'",
        `update payment set bill_from = created_at - 120000, bill_to = 120000 + coalesce((
            select min(booked_at) from ledger where ledger.kind = 'charge' and ledger.order_id = payment.order_id
          ), created_at) where kind = 'pay-order' and charged > 0`,
        `update refund set state = 'succeeded', created_at = coalesce((
            select min(booked_at) from ledger where ledger.kind = 'refund' and ledger.reference = refund.refund_id
          ), 0) where done = 1`,
        `update refund set bill_from = created_at - 120000, bill_to = created_at + 120000
          where done = 1 and order_id in (select order_id from payment where kind = 'pay-order')`,
        `insert into inquiry select 'pay-order', order_id, created_at, 0, 0, 'default' from payment
          where kind = 'pay-order' and charged = 0 and status = 'awaiting'`,
        "insert into inquiry select 'refund', refund_id, 0, 0, 0, 'default' from refund where done = 0",
      ],
    },
    reconciliationMigration,
    {
      id: "0004-longer-prepay-ids",
      up: [
        // Douyin's has a token in it. Engines agree on no statement that changes a column's type.
        "alter table payment rename column prepay_id to shorter_prepay_id",
        "alter table payment add column prepay_id varchar(1024) not null default ''",
        "update payment set prepay_id = shorter_prepay_id",
        "alter table payment drop column shorter_prepay_id",
      ],
    },
    ledgerOfUserMigration,
  ],
};
