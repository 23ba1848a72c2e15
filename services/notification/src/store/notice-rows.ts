import type { Kysely } from "kysely";
import type { Notice } from "../domain/notice.js";
import type { Attempt } from "../records.js";
import type { NotificationTables } from "../schema.js";

export type Db = Kysely<NotificationTables>;

export async function findNotice(db: Db, noticeId: string): Promise<Notice | undefined> {
  const row = await db.selectFrom("notice").selectAll().where("notice_id", "=", noticeId).executeTakeFirst();
  return row === undefined ? undefined : toNotice(row);
}

export async function listNotices(
  db: Db,
  userId: string | undefined,
  limit: number,
  after: string | undefined,
): Promise<Notice[]> {
  let query = db.selectFrom("notice").selectAll().orderBy("notice_id").limit(limit);
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  if (after !== undefined) query = query.where("notice_id", ">", after);
  return (await query.execute()).map(toNotice);
}

export async function unsettledNotices(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("notice").select("notice_id").where("status", "=", "sending").execute();
  return rows.map((row) => row.notice_id);
}

export async function dueNotices(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom("notice")
    .select("notice_id")
    .where("status", "=", "waiting")
    .where("due_at", "<=", BigInt(now))
    .where("facts", "<>", "")
    .orderBy("due_at")
    .limit(limit)
    .execute();
  return rows.map((row) => row.notice_id);
}

export async function addNotice(db: Db, notice: Notice): Promise<void> {
  const row = toRow(notice);
  const held = await db
    .selectFrom("notice")
    .select(["status", "facts"])
    .where("notice_id", "=", row.notice_id)
    .executeTakeFirst();
  if (held === undefined) await db.insertInto("notice").values(row).execute();
  else if (held.status === "waiting" && held.facts === "") await saveNotice(db, notice);
}

export async function saveNotice(db: Db, notice: Notice): Promise<void> {
  const { notice_id, ...row } = toRow(notice);
  await db.updateTable("notice").set(row).where("notice_id", "=", notice_id).execute();
}

export async function attemptsOf(db: Db, noticeId: string): Promise<Attempt[]> {
  const rows = await db
    .selectFrom("delivery_attempt")
    .selectAll()
    .where("notice_id", "=", noticeId)
    .orderBy("attempt_no")
    .execute();
  return rows.map(({ notice_id, attempt_no, template_version, at, ...row }) => ({
    ...row,
    noticeId: notice_id,
    number: Number(attempt_no),
    templateVersion: Number(template_version),
    at: Number(at),
  }));
}

export async function addAttempt(db: Db, attempt: Attempt): Promise<void> {
  const { noticeId, number, templateVersion, at, channel, recipient, outcome, reason, code } = attempt;
  const row = { channel, recipient, outcome, reason, code, notice_id: noticeId, attempt_no: BigInt(number) };
  await db
    .insertInto("delivery_attempt")
    .values({ ...row, template_version: BigInt(templateVersion), at: BigInt(at) })
    .execute();
}

export async function endAttempt(
  db: Db,
  { noticeId, number, outcome, reason, code }: Pick<Attempt, "noticeId" | "number" | "outcome" | "reason" | "code">,
): Promise<void> {
  await db
    .updateTable("delivery_attempt")
    .set({ outcome, reason, code })
    .where("notice_id", "=", noticeId)
    .where("attempt_no", "=", BigInt(number))
    .execute();
}

function toNotice(row: NotificationTables["notice"]): Notice {
  const { template, status, channel, refusal, tenant } = row;
  return {
    noticeId: row.notice_id,
    userId: row.user_id,
    origin: { tenant, releaseTag: row.release_tag, traceparent: row.traceparent },
    orderId: row.order_id,
    template,
    facts: row.facts === "" ? {} : (JSON.parse(row.facts) as Record<string, string>),
    status,
    channel,
    refusal,
    attempts: Number(row.attempts),
    tries: Number(row.tries),
    dueAt: Number(row.due_at),
    createdAt: Number(row.created_at),
  };
}

function toRow(notice: Notice): NotificationTables["notice"] {
  const { template, status, channel, refusal, origin } = notice;
  return {
    notice_id: notice.noticeId,
    user_id: notice.userId,
    tenant: origin.tenant,
    release_tag: origin.releaseTag,
    traceparent: origin.traceparent,
    order_id: notice.orderId,
    template,
    facts: JSON.stringify(notice.facts),
    status,
    channel,
    refusal,
    attempts: BigInt(notice.attempts),
    tries: BigInt(notice.tries),
    due_at: BigInt(notice.dueAt),
    created_at: BigInt(notice.createdAt),
  };
}
