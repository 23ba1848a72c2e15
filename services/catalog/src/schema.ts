import type { Schema } from "@sampan/data";

export interface CatalogTables {
  product: { product_id: string; title: string; price: bigint; currency: string; updated_at: bigint };
}

export const catalogSchema: Schema = {
  name: "catalog",
  migrations: [
    {
      id: "0001-products",
      up: [
        `create table product (
          product_id varchar(64) not null primary key,
          title varchar(256) not null,
          price bigint not null check (price > 0),
          currency char(3) not null,
          updated_at bigint not null
        )`,
      ],
    },
  ],
};
