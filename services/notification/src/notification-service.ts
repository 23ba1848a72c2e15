import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { DeliveryStatus, NotificationService } from "@sampan/contracts/notification/v1/notification_pb.js";
import { type Call, implement, type Service } from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import type { Notice, NoticeStatus } from "./domain/notice.js";

export interface NoticeChange {
  find(noticeId: string): Promise<Notice | undefined>;
  insert(notice: Notice): Promise<void>;
  settle(noticeId: string, status: NoticeStatus, refusal: string): Promise<void>;
}

export interface NoticeStore {
  change<T>(call: Call, work: (notices: NoticeChange) => Promise<T>): Promise<T>;
  /** Of one user, or of all. */
  list(userId: string | undefined, limit: number, after: string | undefined): Promise<Notice[]>;
  /** Notices whose attempt has begun and not ended. */
  unsettled(): Promise<string[]>;
}

export function notificationService({ store }: { readonly store: NoticeStore }): Service {
  const list = async (userId: string | undefined, pageSize: number, pageToken: string) => {
    const size = pageSize === 0 ? 50 : pageSize;
    const page = pageOf(await store.list(userId, size + 1, afterToken(pageToken)), size, (notice) => notice.noticeId);
    return { notifications: page.items.map(toMessage), nextPageToken: page.nextPageToken };
  };
  return implement(NotificationService, {
    listNotifications: ({ pageSize, pageToken }, call) => list(call.requireUser().subject, pageSize, pageToken),
    listAllNotifications: ({ pageSize, pageToken }) => list(undefined, pageSize, pageToken),
  });
}

const statuses: Readonly<Record<NoticeStatus, DeliveryStatus>> = {
  waiting: DeliveryStatus.WAITING,
  sending: DeliveryStatus.SENDING,
  sent: DeliveryStatus.SENT,
  refused: DeliveryStatus.REFUSED,
  unknown: DeliveryStatus.UNKNOWN,
};

function toMessage(notice: Notice) {
  const { noticeId, userId, orderId, template, refusal } = notice;
  return {
    notificationId: noticeId,
    userId,
    orderId,
    template,
    refusal,
    status: statuses[notice.status],
    createdAt: timestampFromMs(notice.createdAt),
  };
}
