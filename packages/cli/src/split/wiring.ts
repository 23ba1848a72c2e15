import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { OrderService } from "@sampan/contracts/order/v1/order_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { BrokerService } from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { KeyValueService } from "@sampan/protos/sampan/keyvalue/v1/key_value_pb.js";
import { contractsOf } from "../platform/contracts.js";
import { type Instances, processNames } from "./instances.js";

/** Contracts whose instances are out of use within a second when they stop answering: those that an order waits for. */
export const criticalServices: readonly string[] = [
  InventoryService.typeName,
  OrderService.typeName,
  PaymentService.typeName,
];

/** The name of the process that supervises, and serves what the others share. */
export const supervisor = "supervisor";

/** Which process serves which contract. */
const servedBy: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(contractsOf).flatMap(([service, contracts]) => contracts.map(({ typeName }) => [typeName, service])),
  ),
  [BrokerService.typeName]: supervisor,
  [KeyValueService.typeName]: supervisor,
};

/** The sockets of the processes, in a folder that only this user can enter. */
export interface Sockets {
  readonly folder: string;
  /** Where a process listens. */
  address(process: string): string;
  /** What `process.targets` takes: every contract with its address, but those that the registry has instances of. */
  readonly targets: string;
  /** What `process.registry` takes. */
  readonly registry: string;
  /** An address of every contract. */
  readonly byService: Readonly<Record<string, string>>;
  /** Removes what a killed process left: its socket would keep the next one from listening. */
  clear(process: string): void;
  /** All of them. */
  remove(): void;
}

/** Not in the data folder: the path of a unix socket has at most 107 bytes (unix(7)). */
export function makeSockets(instances: Instances = new Map()): Sockets {
  const folder = mkdtempSync(join(tmpdir(), "sampan-run-"));
  const address = (process: string): string => `unix:${join(folder, process)}`;
  const byService = Object.fromEntries(
    Object.entries(servedBy).map(([service, process]) => [
      service,
      address(processNames(process, instances)[0] as string),
    ]),
  );
  return {
    folder,
    address,
    targets: Object.entries(byService)
      .filter(([service]) => !instances.has(servedBy[service] as string))
      .map(([service, target]) => `${service}=${target}`)
      .join(","),
    registry: `sampan:${address(supervisor)}`,
    byService,
    clear: (process) => rmSync(join(folder, process), { force: true }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
