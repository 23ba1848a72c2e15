import type { Schema } from "@sampan/data";
import type { OrderStatus, PaymentMethod } from "./domain/order.js";
import type { RefundStatus } from "./domain/refund.js";

export interface OrderTables {
  shop_order: {
    order_id: string;
    user_id: string;
    status: OrderStatus;
    payment_method: PaymentMethod;
    currency: string;
    total: bigint;
    refunded: bigint;
    created_at: bigint;
    expires_at: bigint;
    failure_reason: string;
  };
  order_line: {
    order_id: string;
    line_no: bigint;
    product_id: string;
    title: string;
    quantity: bigint;
    unit_price: bigint;
    refunded_quantity: bigint;
  };
  refund: {
    refund_id: string;
    order_id: string;
    amount: bigint;
    currency: string;
    status: RefundStatus;
    reason: string;
    created_at: bigint;
  };
  refund_line: { refund_id: string; line_no: bigint; product_id: string; quantity: bigint };
}

export const orderSchema: Schema = {
  name: "order",
  migrations: [
    {
      id: "0001-orders",
      up: [
        `create table shop_order (
          order_id varchar(64) not null primary key,
          user_id varchar(64) not null,
          status varchar(32) not null,
          payment_method varchar(16) not null,
          currency char(3) not null,
          total bigint not null check (total > 0),
          refunded bigint not null check (refunded >= 0 and refunded <= total),
          created_at bigint not null,
          expires_at bigint not null,
          failure_reason varchar(128) not null
        )`,
        "create index order_user on shop_order (user_id, order_id)",
        `create table order_line (
          order_id varchar(64) not null references shop_order (order_id),
          line_no bigint not null,
          product_id varchar(64) not null,
          title varchar(256) not null,
          quantity bigint not null check (quantity > 0),
          unit_price bigint not null check (unit_price > 0),
          refunded_quantity bigint not null check (refunded_quantity >= 0 and refunded_quantity <= quantity),
          primary key (order_id, line_no)
        )`,
        `create table refund (
          refund_id varchar(64) not null primary key,
          order_id varchar(64) not null references shop_order (order_id),
          amount bigint not null check (amount > 0),
          currency char(3) not null,
          status varchar(16) not null,
          reason varchar(256) not null,
          created_at bigint not null
        )`,
        "create index refund_order on refund (order_id)",
        `create table refund_line (
          refund_id varchar(64) not null references refund (refund_id),
          line_no bigint not null,
          product_id varchar(64) not null,
          quantity bigint not null check (quantity > 0),
          primary key (refund_id, line_no)
        )`,
      ],
    },
  ],
};
