import type { Schema } from "@sampan/data";
import type { NoticeStatus, Template } from "./domain/notice.js";

export interface NotificationTables {
  notice: {
    notice_id: string;
    user_id: string;
    order_id: string;
    template: Template;
    status: NoticeStatus;
    refusal: string;
    created_at: bigint;
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
  ],
};
