import { duration, integer, list, optional, settings, text, url } from "@sampan/config";

export const PaymentSettings = settings({
  notifyUrl: optional(
    url({
      doc: "where the platform sends its signed callbacks; default: the gateway of this process, /v1/pay/callback",
    }),
  ),
  askInterval: duration({
    default: "1s",
    min: "100ms",
    max: "1h",
    doc: "how often it is looked for payments and refunds that the platform must be asked for",
  }),
  askPaymentAfter: list(duration({ min: "1s", max: "1h" }), {
    default: ["30s", "1m", "3m", "10m"],
    minItems: 1,
    maxItems: 50,
    doc: "how long a pay order waits for its callback before the platform is asked, and asked again; the last repeats",
  }),
  askRefundAfter: list(duration({ min: "1s", max: "1d" }), {
    default: ["2s", "10s", "30s", "1m", "5m", "10m", "30m", "1h", "3h", "6h"],
    minItems: 1,
    maxItems: 50,
    doc: "the same for refunds that the platform works on, or that a person must settle there",
  }),
  reconcileAt: text({
    default: "10:30",
    pattern: /^([01]\d|2[0-3]):[0-5]\d$/,
    doc: "the time of the day, in billZone, from which the day before is reconciled; platforms have bills from 10:00",
  }),
  reconcileInterval: duration({
    default: "10s",
    min: "100ms",
    max: "1h",
    doc: "how often it is looked for a day that is to be reconciled",
  }),
  reconcilePage: integer({
    default: 200,
    min: 1,
    max: 1000,
    doc: "entries that a reconciliation reads or writes at a time; others have their turn in between",
  }),
  billZone: text({
    default: "+08:00",
    pattern: /^[+-](0\d|1[0-4]):[0-5]\d$/,
    doc: "the time zone of the days of the platform's bills",
  }),
});
