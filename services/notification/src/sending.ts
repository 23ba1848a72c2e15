import type { Call, Clock } from "@sampan/core";
import type { MessageProvider } from "@sampan/miniprogram";
import { byPlatform, bySms } from "./channels.js";
import { beginning } from "./domain/beginning.js";
import type { Notice } from "./domain/notice.js";
import { afterTry, type Next, type Outcome, type RetryRules } from "./domain/outcome.js";
import type { QuietHours } from "./domain/quiet-hours.js";
import { afterUse, take } from "./domain/subscription.js";
import type { TemplateVersion } from "./domain/template-text.js";
import { type Recipient, recipientOf } from "./recipients.js";
import type { NotificationStore } from "./records.js";
import type { SmsProvider } from "./sms/sms-provider.js";
import type { TemplateRegistry } from "./template-registry.js";

export interface SendingDeps {
  readonly store: NotificationStore;
  readonly registry: TemplateRegistry;
  readonly messages: MessageProvider;
  /** Undefined when short messages are off. */
  readonly sms: SmsProvider | undefined;
  readonly clock: Clock;
  readonly rules: RetryRules;
  /** When a tenant's users are not to be woken; `timeZone` instead of the tenant's when it is not empty. */
  readonly quietHours: (tenant: string, timeZone: string) => QuietHours | undefined;
  /** In [0, 1). */
  readonly random: () => number;
}

/** While the user service cannot be asked, in ms. */
const askAgainMs = 5000;

/**
 * Tries to deliver a notice that is due, once. A try is committed before anybody is asked, together with the permission that it uses
 * up. So one that was begun and not finished (a crash, no answer) is known, and is not repeated.
 */
export async function deliver(deps: SendingDeps, noticeId: string, call: Call): Promise<void> {
  const notice = await deps.store.find(noticeId);
  if (notice === undefined) return;
  const version = await deps.registry.of(notice.template);
  const { urgent, timeZone } = version.text;
  const hours = deps.quietHours(notice.origin.tenant, timeZone);
  const begin = beginning(notice, deps.clock.now(), { urgent, hours });
  if (begin === undefined) return;
  if (begin.kind === "wait") return postpone(deps, noticeId, begin.until, call);
  let recipient: Recipient | undefined;
  try {
    recipient = await recipientOf(notice, deps.registry.provider, call);
  } catch (error) {
    call.log.warn("it cannot be asked where a message goes", { notice: noticeId, error });
    return postpone(deps, noticeId, deps.clock.now() + askAgainMs, call);
  }
  const begun = await beginTry(deps, noticeId, version, recipient, call);
  if (begun === undefined || recipient === undefined) return;
  const outcome = await send(deps, begun, version, recipient, call);
  await endTry(deps, begun, version, outcome, call);
}

/** At a start: tries of the life before have an outcome that nobody will learn. Returns how many there were. */
export async function settleInterrupted(store: NotificationStore, call: Call): Promise<number> {
  const interrupted = await store.unsettled();
  for (const noticeId of interrupted) {
    await store.change(call, async (change) => {
      const notice = await change.find(noticeId);
      if (notice?.status !== "sending") return;
      await change.save({ ...notice, status: "unknown" });
      const attempt = { noticeId, number: notice.attempts, reason: "INTERRUPTED", code: "" };
      await change.endAttempt({ ...attempt, outcome: "unknown" });
    });
  }
  return interrupted.length;
}

async function postpone({ store }: SendingDeps, noticeId: string, dueAt: number, call: Call): Promise<void> {
  await store.change(call, async (change) => {
    const notice = await change.find(noticeId);
    if (notice?.status === "waiting") await change.save({ ...notice, dueAt });
  });
}

/** Undefined when nothing is to be sent now; what that means for the notice is written then. */
function beginTry(
  deps: SendingDeps,
  noticeId: string,
  version: TemplateVersion,
  recipient: Recipient | undefined,
  call: Call,
): Promise<Notice | undefined> {
  return deps.store.change(call, async (change) => {
    const notice = await change.find(noticeId);
    if (notice?.status !== "waiting") return undefined;
    const refused = (because: "not-subscribed" | "recipient", reason: string): Promise<void> =>
      change.save(withNext(notice, next(deps, notice, version, { kind: "refused", because, reason, code: "" })));
    if (notice.channel === "sms" && (version.text.sms === undefined || deps.sms === undefined))
      return void (await refused("not-subscribed", "NOT_SUBSCRIBED"));
    if (recipient?.channel !== notice.channel) return void (await refused("recipient", "NO_RECIPIENT"));
    if (notice.channel === "platform") {
      const { templateId } = version.text;
      const { may, allowed } = take(await change.allowed(notice.userId, templateId));
      if (!may) return void (await refused("not-subscribed", "NOT_SUBSCRIBED"));
      await change.setAllowed(notice.userId, templateId, allowed);
    }
    const [attempts, tries] = [notice.attempts + 1, notice.tries + 1];
    const begun: Notice = { ...notice, status: "sending", refusal: "", attempts, tries };
    await change.save(begun);
    const about = { noticeId, number: attempts, channel: notice.channel, templateVersion: version.version };
    const open = { recipient: recipient.masked, outcome: "sending", reason: "", code: "" } as const;
    await change.addAttempt({ ...about, ...open, at: deps.clock.now() });
    return begun;
  });
}

async function send(
  { messages, sms }: SendingDeps,
  { facts }: Notice,
  { text }: TemplateVersion,
  recipient: Recipient,
  call: Call,
): Promise<Outcome> {
  if (recipient.channel === "platform") return byPlatform(messages, recipient.openid, text, facts, call);
  // The try was begun only because there are both.
  return bySms(sms as SmsProvider, recipient, text.sms as NonNullable<typeof text.sms>, facts, call);
}

/** Written on a call of its own: the outcome must be kept although this call may just have run out of time. */
async function endTry(
  deps: SendingDeps,
  notice: Notice,
  version: TemplateVersion,
  outcome: Outcome,
  call: Call,
): Promise<void> {
  const { noticeId, userId, channel, attempts: number } = notice;
  const then = next(deps, notice, version, outcome);
  const { reason, code } = outcome.kind === "sent" ? { reason: "", code: "" } : outcome;
  await call.runtime.run({ name: "notification/settle", origin: call.origin }, (settling) =>
    deps.store.change(settling, async (change) => {
      await change.save(withNext(notice, then));
      await change.endAttempt({
        noticeId,
        number,
        outcome: then.channel === channel ? then.status : "refused",
        reason,
        code,
      });
      if (channel !== "platform") return;
      const { templateId } = version.text;
      await change.setAllowed(userId, templateId, afterUse(await change.allowed(userId, templateId), then.remains));
    }),
  );
  tell(call, notice, outcome, then);
}

/** A user who did not subscribe is no fault of anybody; a message that does not fit is one of ours. */
function tell(call: Call, { noticeId, template, channel }: Notice, outcome: Outcome, then: Next): void {
  if (outcome.kind === "sent") return;
  const { reason, code } = outcome;
  const about = { notice: noticeId, template, channel, reason, code };
  if (outcome.kind === "unknown") call.log.warn("it is not known whether a message was sent", about);
  else if (then.status === "given-up") call.log.warn("a message was tried often enough", about);
  else if (outcome.kind === "refused" && outcome.because === "message")
    call.log.error("a message does not fit what the platform knows: look at its template", about);
  else call.log.info(outcome.kind === "later" ? "a message is tried again later" : "a message was refused", about);
}

function next(deps: SendingDeps, notice: Notice, { text }: TemplateVersion, outcome: Outcome): Next {
  const { clock, rules, random, sms } = deps;
  const hasSms = text.sms !== undefined && sms !== undefined;
  return afterTry(notice, outcome, { now: clock.now(), hasSms, rules, random: random() });
}

function withNext(notice: Notice, { status, channel, refusal, tries, dueAt }: Next): Notice {
  return { ...notice, status, channel, refusal, tries, dueAt };
}
