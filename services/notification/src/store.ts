import type { Sql } from "@sampan/data";
import type { Kysely } from "kysely";
import type { Notice } from "./domain/notice.js";
import type { NoticeStore } from "./notification-service.js";
import type { NotificationTables } from "./schema.js";

export function noticeStore(sql: Sql<NotificationTables>): NoticeStore {
  return {
    change: (call, work) =>
      sql.transaction(call, (tx) =>
        work({
          find: (noticeId) => find(tx, noticeId),
          async insert(notice) {
            await tx.insertInto("notice").values(toRow(notice)).execute();
          },
          async settle(noticeId, status, refusal) {
            await tx.updateTable("notice").set({ status, refusal }).where("notice_id", "=", noticeId).execute();
          },
        }),
      ),
    async list(userId, limit, after) {
      let query = sql.read.selectFrom("notice").selectAll().orderBy("notice_id").limit(limit);
      if (userId !== undefined) query = query.where("user_id", "=", userId);
      if (after !== undefined) query = query.where("notice_id", ">", after);
      return (await query.execute()).map(toNotice);
    },
    async unsettled() {
      const rows = await sql.read.selectFrom("notice").select("notice_id").where("status", "=", "sending").execute();
      return rows.map((row) => row.notice_id);
    },
  };
}

async function find(db: Kysely<NotificationTables>, noticeId: string): Promise<Notice | undefined> {
  const row = await db.selectFrom("notice").selectAll().where("notice_id", "=", noticeId).executeTakeFirst();
  return row === undefined ? undefined : toNotice(row);
}

function toNotice(row: NotificationTables["notice"]): Notice {
  return {
    noticeId: row.notice_id,
    userId: row.user_id,
    orderId: row.order_id,
    template: row.template,
    status: row.status,
    refusal: row.refusal,
    createdAt: Number(row.created_at),
  };
}

function toRow(notice: Notice): NotificationTables["notice"] {
  return {
    notice_id: notice.noticeId,
    user_id: notice.userId,
    order_id: notice.orderId,
    template: notice.template,
    status: notice.status,
    refusal: notice.refusal,
    created_at: BigInt(notice.createdAt),
  };
}
