import { optional, settings, url } from "@sampan/config";

export const PaymentSettings = settings({
  notifyUrl: optional(
    url({
      doc: "where the platform sends its signed callbacks; default: the gateway of this process, /v1/pay/callback",
    }),
  ),
});
