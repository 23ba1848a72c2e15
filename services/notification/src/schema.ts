import type { Schema } from "@sampan/data";
import type { Channel, NoticeStatus, Template } from "./domain/notice.js";

export interface NotificationTables {
  notice: {
    notice_id: string;
    user_id: string;
    order_id: string;
    template: Template;
    status: NoticeStatus;
    refusal: string;
    created_at: bigint;
    tenant: string;
    release_tag: string;
    traceparent: string;
    facts: string;
    channel: Channel;
    attempts: bigint;
    tries: bigint;
    due_at: bigint;
  };
  delivery_attempt: {
    notice_id: string;
    attempt_no: bigint;
    channel: Channel;
    template_version: bigint;
    recipient: string;
    outcome: NoticeStatus;
    reason: string;
    code: string;
    at: bigint;
  };
  subscription: { user_id: string; template_id: string; allowed: bigint };
  subscription_report: { user_id: string; report_id: string; at: bigint };
  template_version: {
    provider: string;
    event: string;
    version: bigint;
    text: string;
    changed_by: string;
    changed_at: bigint;
  };
}

export const notificationSchema: Schema = {
  name: "notification",
  migrations: [
    {
      id: "0001-notices",
      up: [
        `create table notice (
          notice_id varchar(128) not null primary key,
          user_id varchar(64) not null,
          order_id varchar(64) not null,
          template varchar(32) not null,
          status varchar(16) not null,
          refusal varchar(64) not null,
          created_at bigint not null
        )`,
        "create index notice_user on notice (user_id, notice_id)",
        "create index notice_status on notice (status)",
      ],
    },
    {
      id: "0002-templates-and-channels",
      up: [
        "alter table notice add column tenant varchar(128) not null default 'default'",
        "alter table notice add column release_tag varchar(128) not null default ''",
        "alter table notice add column traceparent varchar(64) not null default ''",
        // Empty in rows from before: their event comes again while they wait, and brings the facts.
        "alter table notice add column facts varchar(2048) not null default ''",
        "alter table notice add column channel varchar(16) not null default 'platform'",
        "alter table notice add column attempts bigint not null default 0",
        "alter table notice add column tries bigint not null default 0",
        "alter table notice add column due_at bigint not null default 0",
        "drop index notice_status",
        "create index notice_due on notice (status, due_at)",
        `create table delivery_attempt (
          notice_id varchar(128) not null,
          attempt_no bigint not null,
          channel varchar(16) not null,
          template_version bigint not null,
          recipient varchar(64) not null,
          outcome varchar(16) not null,
          reason varchar(64) not null,
          code varchar(64) not null,
          at bigint not null,
          primary key (notice_id, attempt_no)
        )`,
        `create table subscription (
          user_id varchar(64) not null,
          template_id varchar(64) not null,
          allowed bigint not null,
          primary key (user_id, template_id)
        )`,
        `create table subscription_report (
          user_id varchar(64) not null,
          report_id varchar(64) not null,
          at bigint not null,
          primary key (user_id, report_id)
        )`,
        `create table template_version (
          provider varchar(32) not null,
          event varchar(32) not null,
          version bigint not null,
          text varchar(16384) not null,
          changed_by varchar(128) not null,
          changed_at bigint not null,
          primary key (provider, event, version)
        )`,
      ],
    },
  ],
};
