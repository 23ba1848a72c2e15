import type { Schema } from "@sampan/data";

export interface UserTables {
  app_user: {
    user_id: string;
    provider: string;
    openid: string;
    unionid: string;
    nickname: string;
    created_at: bigint;
    phone: string;
    phone_country: string;
  };
  user_identity: { provider: string; openid: string; user_id: string };
  user_union: { vendor: string; unionid: string; user_id: string };
  user_address: {
    address_id: string;
    user_id: string;
    recipient: string;
    phone: string;
    province: string;
    city: string;
    district: string;
    street: string;
    postal_code: string;
    is_default: bigint;
  };
}

export const userSchema: Schema = {
  name: "user",
  migrations: [
    {
      id: "0001-users",
      up: [
        `create table app_user (
          user_id varchar(64) not null primary key,
          provider varchar(32) not null,
          openid varchar(128) not null,
          unionid varchar(128) not null,
          nickname varchar(64) not null,
          created_at bigint not null,
          unique (provider, openid)
        )`,
      ],
    },
    {
      id: "0002-phones-and-addresses",
      up: [
        "alter table app_user add column phone varchar(16) not null default ''",
        "alter table app_user add column phone_country varchar(8) not null default ''",
        `create table user_address (
          address_id varchar(64) not null primary key,
          user_id varchar(64) not null,
          recipient varchar(64) not null,
          phone varchar(32) not null,
          province varchar(64) not null,
          city varchar(64) not null,
          district varchar(64) not null,
          street varchar(256) not null,
          postal_code varchar(16) not null,
          is_default bigint not null
        )`,
        "create index user_address_user on user_address (user_id)",
      ],
    },
    {
      id: "0003-identities",
      up: [
        `create table user_identity (
          provider varchar(32) not null,
          openid varchar(128) not null,
          user_id varchar(64) not null,
          primary key (provider, openid)
        )`,
        "create index user_identity_user on user_identity (user_id, provider)",
        "insert into user_identity (provider, openid, user_id) select provider, openid, user_id from app_user",
        `create table user_union (
          vendor varchar(32) not null,
          unionid varchar(128) not null,
          user_id varchar(64) not null,
          primary key (vendor, unionid)
        )`,
        // Until now a provider was a vendor. Of users with the same unionid the oldest keeps it: ids sort by time.
        `insert into user_union (vendor, unionid, user_id)
          select provider, unionid, min(user_id) from app_user where unionid <> '' group by provider, unionid`,
      ],
    },
  ],
};
