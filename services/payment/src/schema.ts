import type { Schema } from "@sampan/data";
import type { LedgerEntry, PaymentKind, PaymentStatus } from "./domain/payment.js";

export interface PaymentTables {
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
  };
  wallet: { user_id: string; currency: string; balance: bigint };
  refund: { refund_id: string; order_id: string; amount: bigint; currency: string; done: bigint };
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
  ],
};
