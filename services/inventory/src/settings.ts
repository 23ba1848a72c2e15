import { duration, settings } from "@sampan/config";

export const InventorySettings = settings({
  expiryInterval: duration({
    default: "30s",
    min: "100ms",
    max: "1h",
    doc: "how often reservations are looked for that nobody confirmed or released in time",
  }),
});
