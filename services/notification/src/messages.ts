import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Channel,
  DeliveryStatus,
  type TemplateText as TemplateTextMessage,
} from "@sampan/contracts/notification/v1/notification_pb.js";
import type { Notice, NoticeStatus } from "./domain/notice.js";
import type { TemplateText, TemplateVersion } from "./domain/template-text.js";
import type { Attempt } from "./records.js";

const statuses: Readonly<Record<NoticeStatus, DeliveryStatus>> = {
  waiting: DeliveryStatus.WAITING,
  sending: DeliveryStatus.SENDING,
  sent: DeliveryStatus.SENT,
  refused: DeliveryStatus.REFUSED,
  unknown: DeliveryStatus.UNKNOWN,
  "not-subscribed": DeliveryStatus.NOT_SUBSCRIBED,
  "given-up": DeliveryStatus.GIVEN_UP,
};

const channels: Readonly<Record<Notice["channel"], Channel>> = { platform: Channel.PLATFORM, sms: Channel.SMS };

export function noticeMessage(notice: Notice) {
  const { noticeId, userId, orderId, template, refusal, status, channel, dueAt } = notice;
  return {
    notificationId: noticeId,
    userId,
    orderId,
    template,
    refusal,
    status: statuses[status],
    channel: channels[channel],
    createdAt: timestampFromMs(notice.createdAt),
    ...(status === "waiting" ? { dueAt: timestampFromMs(dueAt) } : {}),
  };
}

export function attemptMessage(attempt: Attempt) {
  const { number, reason, code, recipient, templateVersion } = attempt;
  return {
    number,
    reason,
    recipient,
    templateVersion,
    platformCode: code,
    channel: channels[attempt.channel],
    outcome: statuses[attempt.outcome],
    at: timestampFromMs(attempt.at),
  };
}

export function templateMessage({ provider, event, version, text, changedBy, changedAt }: TemplateVersion) {
  const { sms, templateId, keywords, page, urgent, timeZone } = text;
  const words = { templateId, keywords: { ...keywords }, page, urgent, timeZone };
  return {
    provider,
    event,
    version,
    changedBy,
    text: sms === undefined ? words : { ...words, sms: { ...sms, parameters: { ...sms.parameters } } },
    ...(version === 0 ? {} : { changedAt: timestampFromMs(changedAt) }),
  };
}

/** Field by field, so that nothing else of a request becomes part of a text. */
export function textOf(message: TemplateTextMessage | undefined): TemplateText {
  const { templateId = "", keywords = {}, page = "", urgent = false, timeZone = "", sms } = message ?? {};
  const words = { templateId, keywords: { ...keywords }, page, urgent, timeZone };
  if (sms === undefined) return { ...words, sms: undefined };
  const { signName, parameters } = sms;
  return { ...words, sms: { signName, templateId: sms.templateId, parameters: { ...parameters } } };
}
