import { settings, text } from "@sampan/config";

const template = (id: string) => text({ default: id, doc: "the platform's id of the template" });

export const NotificationSettings = settings({
  orderConfirmed: template("tpl-order-confirmed"),
  orderCancelled: template("tpl-order-cancelled"),
  orderExpired: template("tpl-order-expired"),
  orderFailed: template("tpl-order-failed"),
  orderRefunded: template("tpl-order-refunded"),
});
