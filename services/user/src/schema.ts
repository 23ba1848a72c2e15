import type { Schema } from "@sampan/data";

export interface UserTables {
  app_user: {
    user_id: string;
    provider: string;
    openid: string;
    unionid: string;
    nickname: string;
    created_at: bigint;
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
  ],
};
