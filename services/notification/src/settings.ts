import { choice, duration, integer, list, optional, secret, settings, text, url } from "@sampan/config";

const template = (id: string) => text({ default: id, doc: "the platform's id of the template" });

export const NotificationSettings = settings({
  orderConfirmed: template("tpl-order-confirmed"),
  orderCancelled: template("tpl-order-cancelled"),
  orderExpired: template("tpl-order-expired"),
  orderFailed: template("tpl-order-failed"),
  orderRefunded: template("tpl-order-refunded"),
  quietHours: text({
    default: "",
    pattern: /^([0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2})?$/,
    live: true,
    doc: "when what is not urgent waits, such as 22:00-08:00; empty: never",
  }),
  timeZone: text({ default: "Asia/Shanghai", maxLength: 64, live: true, doc: "whose night and clock it is" }),
  maxTries: integer({ default: 8, min: 1, max: 100, doc: "tries of one message by one channel" }),
  retryAfter: duration({ default: "1s", min: "10ms", max: "1h", doc: "the wait before the second try; it doubles" }),
  retryAtMost: duration({ default: "10m", min: "10ms", max: "24h", doc: "the longest wait between two tries" }),
  sms: choice(["off", "standin", "http"], {
    default: "off",
    doc: "who sends short messages: nobody, a strict stand-in in this process, or the provider at smsUrl",
  }),
  smsUrl: optional(url({ doc: "where the provider of short messages is" })),
  smsKeyId: text({ default: "", maxLength: 128, doc: "the provider's name of our key" }),
  smsKeySecret: optional(secret({ doc: "what requests to the provider are signed with" })),
  smsSignNames: list(text({ minLength: 1, maxLength: 32 }), {
    default: ["舢板"],
    doc: "the names that short messages can be sent under",
  }),
});
