import type { DescService } from "@bufbuild/protobuf";
import { AuthService, OperatorService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { NotificationService } from "@sampan/contracts/notification/v1/notification_pb.js";
import { OrderService } from "@sampan/contracts/order/v1/order_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { AddressService } from "@sampan/contracts/user/v1/address_pb.js";
import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Method, methods } from "@sampan/core";

/** The platform's contracts, by the service that serves them. The one list; a test holds it against the generated code. */
export const contractsOf: Readonly<Record<string, readonly DescService[]>> = {
  user: [UserService, AddressService, PhoneService],
  auth: [AuthService, OperatorService],
  catalog: [CatalogService],
  inventory: [InventoryService],
  payment: [PaymentService],
  order: [OrderService],
  notification: [NotificationService],
};

/** The methods of the platform's contracts, such as `order.v1.OrderService/CreateOrder`. */
export const platformMethods: ReadonlyMap<string, Method> = new Map(
  Object.values(contractsOf)
    .flat()
    .flatMap((service) => methods(service).map((method) => [method.path.slice(1), method])),
);
