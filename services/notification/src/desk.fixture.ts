import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { OrderChangedSchema } from "@sampan/contracts/order/v1/events_pb.js";
import { OrderStatus, type Refund } from "@sampan/contracts/order/v1/order_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { implement, type Runtime } from "@sampan/core";
import { openSqlite } from "@sampan/data";
import type { SubscribeMessage } from "@sampan/miniprogram";
import { createFakeClock, type FakeClock, serveInMemory } from "@sampan/testkit";
import type { Notice } from "./domain/notice.js";
import { type NoticeStore, notificationService } from "./notification-service.js";
import { type NotificationTables, notificationSchema } from "./schema.js";
import { tellUser } from "./sending.js";
import { noticeStore } from "./store.js";

/** Where users are told; what the platform does with a message is the test's. */
export interface Desk {
  readonly runtime: Runtime;
  readonly clock: FakeClock;
  readonly store: NoticeStore;
  /** What reached the platform. */
  readonly sent: SubscribeMessage[];
  /** Throws, or waits, instead of the platform; called when the message has arrived there. */
  platform: () => Promise<void>;
  tell(eventId: string, event?: { readonly status?: OrderStatus; readonly refund?: Refund }): Promise<void>;
  notice(eventId: string): Promise<Notice | undefined>;
  close(): Promise<void>;
}

const templateIds = {
  order_confirmed: "tpl-confirmed",
  order_cancelled: "tpl-cancelled",
  order_expired: "tpl-expired",
  order_failed: "tpl-failed",
  order_refunded: "tpl-refunded",
};

export async function openDesk(): Promise<Desk> {
  const clock = createFakeClock();
  const folder = mkdtempSync(join(tmpdir(), "sampan-notification-"));
  const sql = await openSqlite<NotificationTables>({
    file: join(folder, "notification.db"),
    schemas: [notificationSchema],
    clock,
    commits: "in-thread",
  });
  const store = noticeStore(sql);
  const users = implement(UserService, {
    ensureUser: () => ({}),
    getUser: ({ userId }) => ({ user: { userId, openid: `openid of ${userId}` } }),
    getMe: () => ({}),
    updateMe: () => ({}),
  });
  const { runtime, close } = await serveInMemory(() => [notificationService({ store }), users], clock);
  const sent: SubscribeMessage[] = [];
  const desk: Desk = {
    runtime,
    clock,
    store,
    sent,
    platform: async () => {},
    async tell(eventId, event = {}) {
      const messages = {
        send: (message: SubscribeMessage): Promise<void> => {
          sent.push(message);
          return desk.platform();
        },
      };
      const total = { amount: 1234n, currency: "CNY" };
      const orderId = eventId.split("/")[0] as string;
      const changed = create(OrderChangedSchema, {
        orderId,
        userId: "u",
        status: OrderStatus.CONFIRMED,
        total,
        ...event,
      });
      await runtime.run({ name: "test" }, (call) =>
        tellUser({ store, messages, clock, templateIds }, eventId, changed, call),
      );
    },
    notice: async (eventId) =>
      (await store.list(undefined, 1000, undefined)).find(({ noticeId }) => noticeId === eventId),
    async close() {
      await close();
      await sql.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return desk;
}
