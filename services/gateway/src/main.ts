import { isEntry, run, type ServiceModule, service, tokens } from "@sampan/app";
import { AuthService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { NotificationService } from "@sampan/contracts/notification/v1/notification_pb.js";
import { OrderService } from "@sampan/contracts/order/v1/order_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { gateway as httpGateway } from "@sampan/gateway";
import { GatewaySettings } from "./settings.js";

/** The contracts that the outside reaches; which of their methods, and for whom, the contracts say. */
const contracts = [
  AuthService,
  UserService,
  CatalogService,
  InventoryService,
  OrderService,
  PaymentService,
  NotificationService,
];

export const gateway: ServiceModule = service({
  name: "gateway",
  settings: GatewaySettings,
  needs: { tokens },
  build({ tokens, settings, runtime, edgeLayers }) {
    const { host, port } = settings;
    const edge = httpGateway({
      runtime,
      services: contracts,
      verifier: tokens,
      layers: edgeLayers,
      envelope: { mode: settings.envelope },
      limits: {
        maxBodyBytes: settings.maxBody,
        maxInFlight: settings.maxInFlight,
        maxTimeoutMs: settings.maxTimeout,
      },
    });
    return { edges: [{ name: "gateway", listen: () => edge.listen({ host, port }) }] };
  },
});

if (isEntry(import.meta)) await run(gateway);
