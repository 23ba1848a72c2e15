import type { Sql } from "@sampan/data";
import type { NotificationChange, NotificationStore } from "./records.js";
import type { NotificationTables } from "./schema.js";
import * as notices from "./store/notice-rows.js";
import * as subscriptions from "./store/subscription-rows.js";
import * as templates from "./store/template-rows.js";

export function notificationStore(sql: Sql<NotificationTables>): NotificationStore {
  const db = sql.read;
  return {
    change: (call, work) => sql.transaction(call, (tx) => work(notificationChange(tx))),
    find: (noticeId) => notices.findNotice(db, noticeId),
    list: (userId, limit, after) => notices.listNotices(db, userId, limit, after),
    unsettled: () => notices.unsettledNotices(db),
    due: (now, limit) => notices.dueNotices(db, now, limit),
    attempts: (noticeId) => notices.attemptsOf(db, noticeId),
    allowed: (userId, templateIds) => subscriptions.allowedAmong(db, userId, templateIds),
    newestTemplate: (provider, event) => templates.newestTemplate(db, provider, event),
    newestTemplates: (provider) => templates.newestTemplates(db, provider),
  };
}

/** For a transaction that somebody else has begun. */
export function notificationChange(tx: notices.Db): NotificationChange {
  return {
    find: (noticeId) => notices.findNotice(tx, noticeId),
    add: (notice) => notices.addNotice(tx, notice),
    save: (notice) => notices.saveNotice(tx, notice),
    addAttempt: (attempt) => notices.addAttempt(tx, attempt),
    endAttempt: (attempt) => notices.endAttempt(tx, attempt),
    allowed: (userId, templateId) => subscriptions.allowedOf(tx, userId, templateId),
    setAllowed: (userId, templateId, allowed) => subscriptions.setAllowed(tx, userId, templateId, allowed),
    rememberReport: (userId, reportId, now, forget) => subscriptions.rememberReport(tx, userId, reportId, now, forget),
    newestTemplate: (provider, event) => templates.newestTemplate(tx, provider, event),
    addTemplate: (version) => templates.addTemplate(tx, version),
  };
}
