import type { Schema } from "@sampan/data";

export interface InventoryTables {
  stock: { product_id: string; available: bigint; reserved: bigint; sold: bigint };
  reservation: { reservation_id: string; state: "held" | "released" | "confirmed"; expires_at: bigint };
  reservation_line: { reservation_id: string; product_id: string; quantity: bigint; restocked: bigint };
}

/** The checks are the last line of defence: no path through the program may make a count negative. */
export const inventorySchema: Schema = {
  name: "inventory",
  migrations: [
    {
      id: "0001-stock",
      up: [
        `create table stock (
          product_id varchar(64) not null primary key,
          available bigint not null check (available >= 0),
          reserved bigint not null check (reserved >= 0),
          sold bigint not null check (sold >= 0)
        )`,
        `create table reservation (
          reservation_id varchar(64) not null primary key,
          state varchar(16) not null,
          expires_at bigint not null
        )`,
        `create index reservation_expiry on reservation (state, expires_at)`,
        `create table reservation_line (
          reservation_id varchar(64) not null references reservation (reservation_id),
          product_id varchar(64) not null,
          quantity bigint not null check (quantity > 0),
          restocked bigint not null check (restocked >= 0 and restocked <= quantity),
          primary key (reservation_id, product_id)
        )`,
      ],
    },
  ],
};
