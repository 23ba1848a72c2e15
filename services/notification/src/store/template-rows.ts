import type { TemplateText, TemplateVersion } from "../domain/template-text.js";
import type { NotificationTables } from "../schema.js";
import type { Db } from "./notice-rows.js";

export async function newestTemplate(db: Db, provider: string, event: string): Promise<TemplateVersion | undefined> {
  const row = await db
    .selectFrom("template_version")
    .selectAll()
    .where("provider", "=", provider)
    .where("event", "=", event)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toVersion(row);
}

export async function newestTemplates(db: Db, provider: string): Promise<TemplateVersion[]> {
  const rows = await db
    .selectFrom("template_version")
    .selectAll()
    .where("provider", "=", provider)
    .orderBy("event")
    .orderBy("version")
    .execute();
  const newest = new Map(rows.map((row) => [row.event, toVersion(row)]));
  return [...newest.values()];
}

export async function addTemplate(db: Db, version: TemplateVersion): Promise<void> {
  const { provider, event, text, changedBy, changedAt } = version;
  const row = {
    provider,
    event,
    version: BigInt(version.version),
    changed_by: changedBy,
    changed_at: BigInt(changedAt),
  };
  await db
    .insertInto("template_version")
    .values({ ...row, text: JSON.stringify(text) })
    .execute();
}

function toVersion(row: NotificationTables["template_version"]): TemplateVersion {
  const { provider, event, version, text, changed_by, changed_at } = row;
  const { sms, ...rest } = JSON.parse(text) as TemplateText;
  const about = { provider, event, version: Number(version), changedBy: changed_by, changedAt: Number(changed_at) };
  return { ...about, text: { ...rest, sms } };
}
