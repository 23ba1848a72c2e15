import type { Call } from "@sampan/core";
import type { Channel, Notice, NoticeStatus } from "./domain/notice.js";
import type { Allowed } from "./domain/subscription.js";
import type { TemplateVersion } from "./domain/template-text.js";

/** One try to deliver a notice: written before anybody is asked, completed when the outcome is known. */
export interface Attempt {
  readonly noticeId: string;
  /** From 1. */
  readonly number: number;
  readonly channel: Channel;
  readonly templateVersion: number;
  /** Masked. */
  readonly recipient: string;
  readonly outcome: NoticeStatus;
  readonly reason: string;
  /** The platform's, or the provider's, own code. */
  readonly code: string;
  readonly at: number;
}

/** What a transaction can do. */
export interface NotificationChange {
  find(noticeId: string): Promise<Notice | undefined>;
  /** Nothing happens when there is one of this id. */
  add(notice: Notice): Promise<void>;
  save(notice: Notice): Promise<void>;
  addAttempt(attempt: Attempt): Promise<void>;
  endAttempt(attempt: Pick<Attempt, "noticeId" | "number" | "outcome" | "reason" | "code">): Promise<void>;
  allowed(userId: string, templateId: string): Promise<Allowed>;
  setAllowed(userId: string, templateId: string, allowed: Allowed): Promise<void>;
  /** False when the user has sent a report of this name before; reports from before `forget` are forgotten. */
  rememberReport(userId: string, reportId: string, now: number, forget: number): Promise<boolean>;
  newestTemplate(provider: string, event: string): Promise<TemplateVersion | undefined>;
  addTemplate(version: TemplateVersion): Promise<void>;
}

export interface NotificationStore {
  change<T>(call: Call, work: (change: NotificationChange) => Promise<T>): Promise<T>;
  find(noticeId: string): Promise<Notice | undefined>;
  /** Of one user, or of all. */
  list(userId: string | undefined, limit: number, after: string | undefined): Promise<Notice[]>;
  /** Notices whose attempt has begun and not ended. */
  unsettled(): Promise<string[]>;
  /** Ids of notices that are waiting and due, the longest waiting first. */
  due(now: number, limit: number): Promise<string[]>;
  attempts(noticeId: string): Promise<Attempt[]>;
  allowed(userId: string, templateIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  newestTemplate(provider: string, event: string): Promise<TemplateVersion | undefined>;
  /** The newest version of each template of a provider that has any. */
  newestTemplates(provider: string): Promise<TemplateVersion[]>;
}
