import assert from "node:assert/strict";
import { test } from "node:test";
import { idOf, serversOf } from "./server-names.js";

test("a contract is served by the service that its package begins with", () => {
  const servers = serversOf([]);
  assert.deepEqual(servers("order.v1.OrderService"), ["order"]);
  assert.deepEqual(servers("sampan.broker.v1.BrokerService"), ["sampan"]);
});

test("of several entries the most exact counts, and those for the same are alternatives", () => {
  const servers = serversOf([
    "*=mesh",
    "sampan.*=supervisor",
    "sampan.broker.*=queue",
    "sampan.broker.v1.BrokerService=broker",
    "sampan.broker.v1.BrokerService=spiffe://other.test/ns/a/sa/broker",
  ]);
  assert.deepEqual(servers("sampan.broker.v1.BrokerService"), ["broker", "spiffe://other.test/ns/a/sa/broker"]);
  assert.deepEqual(servers("sampan.broker.v2.BrokerService"), ["queue"]);
  assert.deepEqual(servers("sampan.keyvalue.v1.KeyValueService"), ["supervisor"]);
  assert.deepEqual(servers("sampanish.v1.Service"), ["mesh"]);
});

test("a name is a service of the own trust domain and namespace, and an id is itself", () => {
  assert.equal(idOf("order", "shop.test", "shop"), "spiffe://shop.test/ns/shop/sa/order");
  const id = "spiffe://other.test/ns/a/sa/b";
  assert.equal(idOf(id, "shop.test", "shop"), id);
});
