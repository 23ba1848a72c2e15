import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { NotificationService } from "@sampan/contracts/notification/v1/notification_pb.js";
import { OrderChangedSchema } from "@sampan/contracts/order/v1/events_pb.js";
import { OrderStatus, type Refund } from "@sampan/contracts/order/v1/order_pb.js";
import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Client, Code, implement, RpcError, type Runtime } from "@sampan/core";
import { openSqlite } from "@sampan/data";
import type { MessagePush, SubscribeMessage } from "@sampan/miniprogram";
import { createFakeClock, type FakeClock, serveInMemory } from "@sampan/testkit";
import type { Notice } from "./domain/notice.js";
import { parseQuietHours } from "./domain/quiet-hours.js";
import type { TemplateText } from "./domain/template-text.js";
import { notificationService } from "./notification-service.js";
import { noticeOf } from "./order-notices.js";
import { PlatformPush } from "./platform-push.js";
import type { Attempt, NotificationStore } from "./records.js";
import { type NotificationTables, notificationSchema } from "./schema.js";
import { deliver, type SendingDeps } from "./sending.js";
import type { SmsMessage } from "./sms/sms-provider.js";
import { notificationChange, notificationStore } from "./store.js";
import { Subscriptions } from "./subscriptions.js";
import { TemplateRegistry } from "./template-registry.js";

/** Where users are told; what platform and provider do with a message is the test's. */
export interface Desk {
  readonly runtime: Runtime;
  readonly clock: FakeClock;
  readonly store: NotificationStore;
  readonly registry: TemplateRegistry;
  readonly sending: SendingDeps;
  /** What reached the platform, and the provider of short messages. */
  readonly sent: SubscribeMessage[];
  readonly texts: SmsMessage[];
  /** Throws, or waits, instead of the platform; called when the message has arrived there. */
  platform: () => Promise<void>;
  provider: () => Promise<void>;
  /** The numbers of those who have bound one. */
  readonly phones: Map<string, string>;
  /** Whose user service is away. */
  usersAway: boolean;
  /** Such as `22:00-08:00`, and whose. */
  quiet: { hours: string; timeZone: string };
  /** The event arrives; the notice is waiting then. */
  accept(eventId: string, event?: OrderEvent): Promise<void>;
  deliver(eventId: string): Promise<void>;
  /** Both. */
  tell(eventId: string, event?: OrderEvent): Promise<void>;
  notice(eventId: string): Promise<Notice>;
  attempts(eventId: string): Promise<readonly Attempt[]>;
  setText(change: Partial<TemplateText>): Promise<void>;
  as<T>(subject: string, work: (service: Client<typeof NotificationService>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OrderEvent {
  readonly status?: OrderStatus;
  readonly refund?: Refund;
  readonly userId?: string;
}

export const smsText = { signName: "舢板", templateId: "sms-1", parameters: { order: "{order_id}", sum: "{amount}" } };

const templateIds = {
  order_confirmed: "tpl-confirmed",
  order_cancelled: "tpl-cancelled",
  order_expired: "tpl-expired",
  order_failed: "tpl-failed",
  order_refunded: "tpl-refunded",
};

export async function openDesk(platformPush?: MessagePush, clock: FakeClock = createFakeClock()): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-notification-"));
  const sql = await openSqlite<NotificationTables>({
    file: join(folder, "notification.db"),
    schemas: [notificationSchema],
    clock,
    commits: "in-thread",
  });
  const store = notificationStore(sql);
  const registry = new TemplateRegistry({ store, clock, provider: "wechat", templateIds, smsSigns: ["舢板"] });
  const here = (): void => {
    if (desk.usersAway) throw new RpcError(Code.Unavailable, "away");
  };
  const users = implement(UserService, {
    ensureUser: () => ({}),
    getUser({ userId, provider }) {
      here();
      return { user: { userId, provider, openid: userId === "stranger" ? "" : `openid of ${userId}` } };
    },
    findUser({ openid }) {
      if (!openid.startsWith("o-")) throw new RpcError(Code.NotFound, "nobody");
      return { user: { userId: openid.slice(2) } };
    },
    getMe: () => ({}),
    updateMe: () => ({}),
  });
  const numbers = implement(PhoneService, {
    bindPhone: () => ({}),
    getPhone: () => ({}),
    revealPhone({ userId }) {
      here();
      const number = desk.phones.get(userId);
      if (number === undefined) throw new RpcError(Code.NotFound, "none is bound");
      return { number, countryCode: "86", masked: `${number.slice(0, 3)}****${number.slice(-4)}` };
    },
  });
  const subscriptions = new Subscriptions({ store, registry, clock });
  const push = new PlatformPush({ push: platformPush, provider: "wechat", subscriptions });
  const platformTells = platformPush !== undefined;
  const service = notificationService({ store, registry, subscriptions, push, platformTells });
  const served = await serveInMemory(() => [service, users, numbers], clock);
  const { runtime } = served;
  const sent: SubscribeMessage[] = [];
  const texts: SmsMessage[] = [];
  const sending: SendingDeps = {
    store,
    registry,
    clock,
    messages: {
      send(message) {
        sent.push(message);
        return desk.platform();
      },
    },
    sms: {
      signNames: ["舢板"],
      send(message) {
        texts.push(message);
        return desk.provider();
      },
      close() {},
    },
    rules: { maxTries: 4, initialMs: 1000, maxMs: 600_000 },
    quietHours: (_, timeZone) => parseQuietHours(desk.quiet.hours, timeZone === "" ? desk.quiet.timeZone : timeZone),
    random: () => 0,
  };
  const desk: Desk = {
    runtime,
    clock,
    store,
    registry,
    sending,
    sent,
    texts,
    platform: async () => {},
    provider: async () => {},
    phones: new Map(),
    usersAway: false,
    quiet: { hours: "", timeZone: "Asia/Shanghai" },
    async accept(eventId, event = {}) {
      const total = { amount: 1234n, currency: "CNY" };
      const orderId = eventId.split("/")[0] as string;
      const told = { orderId, userId: "u", status: OrderStatus.CONFIRMED, total, ...event };
      await runtime.run({ name: "test" }, async (call) => {
        const about = { origin: call.origin, now: clock.now(), timeZone: "Asia/Shanghai" };
        const notice = noticeOf(eventId, create(OrderChangedSchema, told), about);
        if (notice !== undefined) await sql.transaction(call, (tx) => notificationChange(tx).add(notice));
      });
    },
    deliver: (eventId) => runtime.run({ name: "test" }, (call) => deliver(sending, eventId, call)),
    async tell(eventId, event) {
      await desk.accept(eventId, event);
      await desk.deliver(eventId);
    },
    async notice(eventId) {
      const found = await store.find(eventId);
      if (found === undefined) throw new Error(`there is no notice ${eventId}`);
      return found;
    },
    attempts: (eventId) => store.attempts(eventId),
    async setText(change) {
      const { event, version: seenVersion, text } = await registry.of("order_confirmed");
      const wanted = { provider: "wechat", event, text: { ...text, ...change }, changedBy: "test", seenVersion };
      await runtime.run({ name: "test" }, (call) => registry.set(call, wanted));
    },
    as: (subject, work) =>
      runtime.run({ name: "test" }, (root) =>
        work(root.to(NotificationService, { user: { subject, roles: ["user"] } })),
      ),
    async close() {
      await served.close();
      await sql.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return desk;
}
