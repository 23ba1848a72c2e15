import { fromBinary } from "@bufbuild/protobuf";
import { broker, isEntry, platform, run, type ServiceModule, service, sql } from "@sampan/app";
import { OrderChangedSchema } from "@sampan/contracts/order/v1/events_pb.js";
import { consume, inboxSchema } from "@sampan/data";
import { notificationService } from "./notification-service.js";
import { type NotificationTables, notificationSchema } from "./schema.js";
import { settleInterrupted, tellUser } from "./sending.js";
import { NotificationSettings } from "./settings.js";
import { noticeStore } from "./store.js";

export const notification: ServiceModule = service({
  name: "notification",
  settings: NotificationSettings,
  needs: { sql: sql<NotificationTables>([notificationSchema, inboxSchema]), broker, platform },
  async build({ sql, broker, platform, clock, runtime, logger, settings }) {
    const { messages } = platform;
    if (messages === undefined)
      throw new Error("the notification service needs a platform with messages: set platform.*");
    const store = noticeStore(sql);
    const interrupted = await runtime.run({ name: "notification/settle-interrupted" }, (call) =>
      settleInterrupted(store, call),
    );
    if (interrupted > 0) logger.warn("messages whose outcome a crash left unknown are not sent again", { interrupted });
    const templateIds = {
      order_confirmed: settings.orderConfirmed,
      order_cancelled: settings.orderCancelled,
      order_expired: settings.orderExpired,
      order_failed: settings.orderFailed,
      order_refunded: settings.orderRefunded,
    };
    return {
      serves: [notificationService({ store })],
      runs: [
        consume({
          broker,
          sql,
          runtime,
          topic: "order",
          group: "notification",
          handle: ({ id, payload }, call) =>
            tellUser({ store, messages, clock, templateIds }, id, fromBinary(OrderChangedSchema, payload), call),
        }),
      ],
    };
  },
});

if (isEntry(import.meta)) await run(notification);
