import type { Method } from "@sampan/core";
import { type AccessPolicy, recordedPolicy, type SeenCall } from "@sampan/identity/access";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { contractsOf } from "../platform/contracts.js";

/** The services that may use what the platform's processes share. */
const everyService: readonly string[] = [...Object.keys(contractsOf), "gateway"].sort();

/** What services call of each other, by caller. Tests hold it against the sources and against the journey, both ways. */
const calls: Readonly<Record<string, readonly string[]>> = {
  // What it routes follows from the contracts; these are for itself: key set, revocations and the clients' signing keys.
  gateway: [
    "auth.v1.AuthService/GetKeySet",
    "auth.v1.AuthService/GetSigningKey",
    "auth.v1.AuthService/ListRevocations",
  ],
  auth: ["user.v1.PhoneService/BindPhone", "user.v1.UserService/EnsureUser"],
  notification: ["user.v1.PhoneService/RevealPhone", "user.v1.UserService/FindUser", "user.v1.UserService/GetUser"],
  order: [
    "catalog.v1.CatalogService/BatchGetProducts",
    "inventory.v1.InventoryService/BatchCheckStock",
    "inventory.v1.InventoryService/Confirm",
    "inventory.v1.InventoryService/Release",
    "inventory.v1.InventoryService/Reserve",
    "inventory.v1.InventoryService/Restock",
    "payment.v1.PaymentService/Charge",
    "payment.v1.PaymentService/CreatePayOrder",
    "payment.v1.PaymentService/Refund",
    "payment.v1.PaymentService/VoidPayment",
  ],
  payment: ["user.v1.UserService/GetUser"],
};

const shared = [
  // Not its dead letters: those are an operator's.
  "sampan.broker.v1.BrokerService/Publish",
  "sampan.broker.v1.BrokerService/Subscribe",
  "sampan.keyvalue.v1.KeyValueService/*",
  "sampan.registry.v1.RegistryService/*",
];

/**
 * The platform's own policy: default deny. The gateway may call what the contracts open to clients (`access` is public,
 * user or operator); every other call between services is listed.
 */
export function platformAccess(methods: Iterable<Method>): AccessPolicy {
  const seen: SeenCall[] = Object.entries(calls).flatMap(([from, list]) => list.map((to) => ({ from, to })));
  for (const { access, path } of methods) {
    const isOpen = access === Access.PUBLIC || access === Access.USER || access === Access.OPERATOR;
    if (isOpen) seen.push({ from: "gateway", to: path.slice(1) });
  }
  const policy = recordedPolicy(seen);
  const rule = { name: "shared-parts", action: "allow", mode: "enforce", from: everyService, to: shared } as const;
  return { ...policy, rules: [...policy.rules, rule] };
}
