import { fromBinary } from "@bufbuild/protobuf";
import { broker, isEntry, platform, run, type ServiceModule, service, sql } from "@sampan/app";
import { OrderChangedSchema } from "@sampan/contracts/order/v1/events_pb.js";
import { consume, inboxSchema } from "@sampan/data";
import { Deliveries } from "./deliveries.js";
import { isTimeZone, parseQuietHours } from "./domain/quiet-hours.js";
import { notificationService } from "./notification-service.js";
import { noticeOf } from "./order-notices.js";
import { PlatformPush } from "./platform-push.js";
import { type NotificationTables, notificationSchema } from "./schema.js";
import { deliver, type SendingDeps, settleInterrupted } from "./sending.js";
import { NotificationSettings } from "./settings.js";
import { openSms } from "./sms/open-sms.js";
import { notificationChange, notificationStore } from "./store.js";
import { Subscriptions } from "./subscriptions.js";
import { TemplateRegistry } from "./template-registry.js";

export const notification: ServiceModule = service({
  name: "notification",
  settings: NotificationSettings,
  needs: { sql: sql<NotificationTables>([notificationSchema, inboxSchema]), broker, platform },
  async build({ sql, broker, platform, clock, runtime, logger, settings, live }) {
    const { messages } = platform;
    if (messages === undefined)
      throw new Error("the notification service needs a platform with messages: set platform.*");
    const store = notificationStore(sql);
    const interrupted = await runtime.run({ name: "notification/settle-interrupted" }, (call) =>
      settleInterrupted(store, call),
    );
    if (interrupted > 0) logger.warn("messages whose outcome a crash left unknown are not sent again", { interrupted });
    const hoursOf = ({ quietHours, timeZone }: { readonly quietHours: string; readonly timeZone: string }) =>
      parseQuietHours(quietHours, timeZone);
    const check = (values: typeof settings): void => {
      try {
        hoursOf(values);
      } catch (error) {
        throw new Error(`notification.quietHours, notification.timeZone: ${(error as Error).message}`, {
          cause: error,
        });
      }
    };
    check(settings);
    // A later change that cannot be is refused.
    live.watch(check);
    // What is set for one tenant only was looked at by nobody yet: what cannot be is then everybody's.
    const zoneOf = (tenant: string): string => {
      const { timeZone } = live.for(tenant);
      return isTimeZone(timeZone) ? timeZone : live.current.timeZone;
    };
    const sms = await openSms(settings, clock);
    const registry = new TemplateRegistry({
      store,
      clock,
      provider: platform.name,
      smsSigns: sms?.sms.signNames ?? [],
      templateIds: {
        order_confirmed: settings.orderConfirmed,
        order_cancelled: settings.orderCancelled,
        order_expired: settings.orderExpired,
        order_failed: settings.orderFailed,
        order_refunded: settings.orderRefunded,
      },
    });
    const subscriptions = new Subscriptions({ store, registry, clock });
    const sending: SendingDeps = {
      store,
      registry,
      messages,
      sms: sms?.sms,
      clock,
      rules: { maxTries: settings.maxTries, initialMs: settings.retryAfter, maxMs: settings.retryAtMost },
      quietHours(tenant, timeZone) {
        const { quietHours } = live.for(tenant);
        try {
          return hoursOf({ quietHours, timeZone: timeZone === "" ? zoneOf(tenant) : timeZone });
        } catch {
          return hoursOf(live.current);
        }
      },
      random: Math.random,
    };
    const deliveries = new Deliveries({
      store,
      runtime,
      deliver: (noticeId, call) => deliver(sending, noticeId, call),
      onCommit: (listener) => sql.onCommit(listener),
    });
    return {
      serves: [
        notificationService({
          store,
          registry,
          subscriptions,
          push: new PlatformPush({ push: platform.push, provider: platform.name, subscriptions }),
          platformTells: platform.push !== undefined,
        }),
      ],
      runs: [
        consume({
          broker,
          sql,
          runtime,
          topic: "order",
          group: "notification",
          async inTransaction({ id, payload }, tx, call) {
            const timeZone = zoneOf(call.tenant);
            const about = { origin: call.origin, now: clock.now(), timeZone };
            const notice = noticeOf(id, fromBinary(OrderChangedSchema, payload), about);
            if (notice !== undefined) await notificationChange(tx).add(notice);
          },
        }),
        {
          start: () => deliveries.start(),
          async stop(graceMs) {
            await deliveries.stop(graceMs);
            await sms?.close();
          },
        },
      ],
    };
  },
});

if (isEntry(import.meta)) await run(notification);
