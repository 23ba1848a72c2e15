import { duration, settings } from "@sampan/config";

export const OrderSettings = settings({
  paymentWindow: duration({
    default: "15m",
    min: "1s",
    max: "24h",
    live: true,
    doc: "how long an order waits for its payment",
  }),
  stepTimeout: duration({ default: "5s", min: "10ms", max: "5m", doc: "how long one step of an order may take" }),
});
