import assert from "node:assert/strict";
import { test } from "node:test";
import { Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { gateway } from "@sampan/gateway";
import { contracts } from "./contracts.js";

const { routes } = gateway({
  runtime: new Runtime({ name: "gateway", connect: () => memoryTransport().connect("memory") }),
  services: contracts,
  verifier: { verify: () => Promise.reject(new Error("nobody asks")) },
});

test("every contract compiles into routes, none of which is there twice", () => {
  const paths = routes.map(({ httpMethod, path }) => `${httpMethod} ${path}`);
  assert.ok(paths.includes("POST /v1/orders"));
  assert.equal(new Set(paths).size, paths.length);
});

test("what is for services only has no route", () => {
  const routed = new Set(routes.map(({ method }) => method));
  for (const internal of [
    "inventory.v1.InventoryService/Reserve",
    "payment.v1.PaymentService/Charge",
    "user.v1.UserService/GetUser",
  ]) {
    assert.ok(!routed.has(`/${internal}`), internal);
  }
});
