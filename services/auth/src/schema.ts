import type { Schema } from "@sampan/data";

export interface AuthTables {
  session: {
    session_id: string;
    subject: string;
    tenant: string;
    roles: string;
    device: string;
    generation: bigint;
    rotated_at: bigint;
    expires_at: bigint;
    ended_at: bigint;
    signing_key: string;
  };
  revocation: { entry_no: bigint; kind: string; target: string; not_before: bigint; until_at: bigint };
  operator: { name: string; roles: string; password_hash: string };
}

export const authSchema: Schema = {
  name: "auth",
  migrations: [
    {
      id: "0001-sessions",
      up: [
        `create table session (
          session_id varchar(64) not null primary key,
          subject varchar(128) not null,
          tenant varchar(128) not null,
          roles varchar(1024) not null,
          device varchar(128) not null,
          generation bigint not null,
          rotated_at bigint not null,
          expires_at bigint not null,
          ended_at bigint not null,
          signing_key varchar(64) not null
        )`,
        "create index session_subject on session (subject, ended_at)",
        "create index session_expiry on session (expires_at)",
        `create table revocation (
          entry_no bigint not null primary key,
          kind varchar(16) not null,
          target varchar(128) not null,
          not_before bigint not null,
          until_at bigint not null
        )`,
        `create table operator (
          name varchar(64) not null primary key,
          roles varchar(1024) not null,
          password_hash varchar(256) not null
        )`,
      ],
    },
  ],
};
