import assert from "node:assert/strict";
import { test } from "node:test";
import { callersBy, userOf } from "./caller-of.js";

const order = "spiffe://shop.test/ns/shop/sa/order";
const gateway = "spiffe://shop.test/ns/shop/sa/gateway";
const callerOf = (id: string, isRemote: boolean, headers: Record<string, string>) =>
  callersBy({ id: () => id, isRemote })(headers, "order").identity;

test("a service that enqueued a call which it had let in is believed who made it", () => {
  assert.equal(callerOf(order, true, { caller: gateway, "x-sampan-publisher": order }), gateway);
});

test("another publisher made the call itself, whatever its message says", () => {
  const cart = "spiffe://shop.test/ns/shop/sa/cart";
  assert.equal(callerOf(order, true, { caller: gateway, "x-sampan-publisher": cart }), cart);
});

test("a message of another process's broker that does not say who published it is nobody's", () => {
  assert.equal(callerOf(order, true, { caller: gateway }), "");
});

test("in the queue of this process, and without mTLS, a message is believed", () => {
  assert.equal(callerOf(order, false, { caller: gateway }), gateway);
  assert.equal(callerOf("", true, { caller: "gateway" }), "gateway");
  // Enqueued before callers were written down.
  assert.equal(callerOf("", false, {}), "order");
});

test("a user comes back with roles and scopes", () => {
  assert.deepEqual(userOf({ user: "op1", roles: "operator,admin", scopes: "refunds" }), {
    subject: "op1",
    roles: ["operator", "admin"],
    scopes: ["refunds"],
  });
  assert.deepEqual(userOf({ user: "u1" }), { subject: "u1", roles: [], scopes: [] });
  assert.equal(userOf({ roles: "operator" }), undefined);
});
