import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { NotificationService } from "@sampan/contracts/notification/v1/notification_pb.js";
import { OrderService } from "@sampan/contracts/order/v1/order_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { BrokerService } from "@sampan/protos/sampan/broker/v1/broker_pb.js";

/** The name of the process that supervises, and serves what the others share. */
export const supervisor = "supervisor";

/** Which process serves which contract. */
const servedBy: Readonly<Record<string, string>> = {
  [UserService.typeName]: "user",
  [AuthService.typeName]: "auth",
  [CatalogService.typeName]: "catalog",
  [InventoryService.typeName]: "inventory",
  [PaymentService.typeName]: "payment",
  [OrderService.typeName]: "order",
  [NotificationService.typeName]: "notification",
  [BrokerService.typeName]: supervisor,
};

/** The sockets of the processes, in a folder that only this user can enter. */
export interface Sockets {
  readonly folder: string;
  /** Where a process listens. */
  address(process: string): string;
  /** What `process.targets` takes: every contract with its address. */
  readonly targets: string;
  /** The address of every contract. */
  readonly byService: Readonly<Record<string, string>>;
  /** Removes what a killed process left: its socket would keep the next one from listening. */
  clear(process: string): void;
  /** All of them. */
  remove(): void;
}

/** Not in the data folder: the path of a unix socket has at most 107 bytes (unix(7)). */
export function makeSockets(): Sockets {
  const folder = mkdtempSync(join(tmpdir(), "sampan-run-"));
  const address = (process: string): string => `unix:${join(folder, process)}`;
  const byService = Object.fromEntries(
    Object.entries(servedBy).map(([service, process]) => [service, address(process)]),
  );
  return {
    folder,
    address,
    targets: Object.entries(byService)
      .map(([service, target]) => `${service}=${target}`)
      .join(","),
    byService,
    clear: (process) => rmSync(join(folder, process), { force: true }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
