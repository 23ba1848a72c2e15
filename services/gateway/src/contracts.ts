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

/** The contracts that the outside reaches; which of their methods, and for whom, the contracts say. */
export const contracts: readonly DescService[] = [
  AuthService,
  OperatorService,
  UserService,
  AddressService,
  PhoneService,
  CatalogService,
  InventoryService,
  OrderService,
  PaymentService,
  NotificationService,
];
