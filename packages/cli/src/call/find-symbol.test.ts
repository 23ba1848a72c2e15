import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoService } from "@sampan/testkit";
import { CommandError } from "../command/command-error.js";
import { findMethod, findSymbol } from "./find-symbol.js";

const services = ["order.v1.OrderService", "order.v1.Refunds", "archive.v1.Refunds", "grpc.health.v1.Health"];

test("a method is named in full, with a slash or a dot, or without as much of the package as leaves one service", () => {
  for (const name of [
    "order.v1.OrderService/CreateOrder",
    "/order.v1.OrderService/CreateOrder",
    "order.v1.OrderService.CreateOrder",
    "OrderService/CreateOrder",
    "OrderService.CreateOrder",
    "v1.OrderService/CreateOrder",
  ]) {
    assert.deepEqual(findSymbol(name, services), { service: "order.v1.OrderService", method: "CreateOrder" }, name);
  }
  assert.deepEqual(findSymbol("OrderService", services), { service: "order.v1.OrderService", method: undefined });
  assert.deepEqual(findSymbol("order.v1.Refunds/Get", services).service, "order.v1.Refunds");
});

const refused = (message: RegExp, fix: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CommandError && error.status === 2, String(error));
  assert.match(error.message, message);
  assert.match(error.fix, fix);
  return true;
};

test("a name that may be several is refused with all of them", () => {
  assert.throws(
    () => findSymbol("Refunds/Get", services),
    refused(/may be order\.v1\.Refunds or archive\.v1\.Refunds/, /more of the name/),
  );
});

test("a wrong name is refused with the one that was meant, or with what there is", () => {
  const meant = refused(/there is no service/, /did you mean order\.v1\.OrderService\?/);
  for (const name of ["OderService/CreateOrder", "order.v1.OrderServic", "OrdrService.CreateOrder"]) {
    assert.throws(() => findSymbol(name, services), meant, name);
  }
  assert.throws(() => findSymbol("rvice/X", services), refused(/no service rvice/, /it serves order\.v1/));
  assert.throws(
    () => findMethod(EchoService, "Unry"),
    refused(/has no method Unry/, /mean sampan\.test\.v1\.EchoService\/Unary/),
  );
  assert.throws(
    () => findMethod(EchoService, "Pay"),
    refused(/has no method Pay/, /it has Unary, Collect, Produce, Chat/),
  );
});
