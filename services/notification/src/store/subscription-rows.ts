import type { Allowed } from "../domain/subscription.js";
import type { Db } from "./notice-rows.js";

export async function allowedOf(db: Db, userId: string, templateId: string): Promise<Allowed> {
  return (await allowedAmong(db, userId, [templateId])).get(templateId);
}

export async function allowedAmong(
  db: Db,
  userId: string,
  templateIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (templateIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("subscription")
    .select(["template_id", "allowed"])
    .where("user_id", "=", userId)
    .where("template_id", "in", [...templateIds])
    .execute();
  return new Map(rows.map(({ template_id, allowed }) => [template_id, Number(allowed)]));
}

export async function setAllowed(db: Db, userId: string, templateId: string, allowed: Allowed): Promise<void> {
  if (allowed === undefined) return;
  const row = { user_id: userId, template_id: templateId, allowed: BigInt(allowed) };
  const updated = await db
    .updateTable("subscription")
    .set({ allowed: row.allowed })
    .where("user_id", "=", userId)
    .where("template_id", "=", templateId)
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) await db.insertInto("subscription").values(row).execute();
}

export async function rememberReport(
  db: Db,
  userId: string,
  reportId: string,
  now: number,
  forget: number,
): Promise<boolean> {
  await db.deleteFrom("subscription_report").where("user_id", "=", userId).where("at", "<", BigInt(forget)).execute();
  const known = await db
    .selectFrom("subscription_report")
    .select("at")
    .where("user_id", "=", userId)
    .where("report_id", "=", reportId)
    .executeTakeFirst();
  if (known !== undefined) return false;
  await db
    .insertInto("subscription_report")
    .values({ user_id: userId, report_id: reportId, at: BigInt(now) })
    .execute();
  return true;
}
