import type { ServiceModule } from "@sampan/app";
import { auth } from "@sampan/auth-service/main";
import { catalog } from "@sampan/catalog-service/main";
import { gateway } from "@sampan/gateway-service/main";
import { inventory } from "@sampan/inventory-service/main";
import { notification } from "@sampan/notification-service/main";
import { order } from "@sampan/order-service/main";
import { payment } from "@sampan/payment-service/main";
import { user } from "@sampan/user-service/main";

/** The platform, in the order in which its services start; the door to the outside comes last. */
export const services: readonly ServiceModule[] = [
  user,
  auth,
  catalog,
  inventory,
  payment,
  order,
  notification,
  gateway,
];
