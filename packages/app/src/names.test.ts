import assert from "node:assert/strict";
import { test } from "node:test";
import { integer, settings } from "@sampan/config";
import type { Needs } from "./dependency.js";
import { alone, echo, noSettings, noted } from "./echo.fixture.js";
import { run } from "./run.js";
import { service } from "./service.js";

const named = (name: string, needs: Needs = {}) => service({ name, settings: noSettings, needs, build: () => ({}) });

for (const [why, services, problem] of [
  ["two services of one name", [named("order"), named("order")], /two services of this process are named order/],
  ["a service named like the process", [named("process")], /two services of this process are named process/],
  [
    "a service named like the registry's settings",
    [named("registry")],
    /two services of this process are named registry/,
  ],
  [
    "a service named like the settings of certificates",
    [named("certificates")],
    /two services of this process are named certificates/,
  ],
  [
    "a dependency named like a service",
    [named("order"), named("user", { x: noted("order", []) })],
    /a dependency of user is named like the service order/,
  ],
  [
    "two shared dependencies of one name",
    [named("order", { x: noted("store", []) }), named("user", { x: noted("store", []) })],
    /two dependencies are named store/,
  ],
  [
    "two dependencies of one service with one name",
    [
      named("order", {
        a: noted("sql", [], { lifetime: "service" }),
        b: noted("sql", [], { lifetime: "service" }),
      }),
    ],
    /two dependencies are named sql/,
  ],
  [
    "dependencies of one name with different settings",
    [1, 2].map((id) =>
      named(`s${id}`, {
        x: { ...noted("sql", [], { lifetime: "service" }), settings: settings({ n: integer({ default: id }) }) },
      }),
    ),
    /the dependencies named sql have different settings/,
  ],
] as const) {
  test(`refuses ${why}`, async () => {
    await assert.rejects(run(services, alone()), (error) => error instanceof TypeError && problem.test(error.message));
  });
}

test("services may each have their own dependency under a name they share", async () => {
  const sql = () => noted("sql", [], { lifetime: "service" });
  const process = await run([named("order", { sql: sql() }), named("user", { sql: sql() })], alone());
  await process.stop();
});

test("two services that serve one contract are refused", async () => {
  const serving = (name: string) =>
    service({ name, settings: noSettings, needs: {}, build: () => ({ serves: [echo()] }) });
  await assert.rejects(run([serving("a"), serving("b")], alone()), /listener of b did not start: .*is served already/);
});

test("two edges of one name are refused, and both are closed", async () => {
  let open = 0;
  const edge = {
    name: "door",
    listen: async () => {
      open++;
      return { url: "x", drain: async () => {}, close: async () => void open-- };
    },
  };
  const house = service({ name: "house", settings: noSettings, needs: {}, build: () => ({ edges: [edge, edge] }) });
  await assert.rejects(run(house, alone()), /two addresses of this process are named door/);
  assert.equal(open, 0);
});

test("a service name that is no name is refused where it is defined", () => {
  assert.throws(() => named("Order Service"), /use lower-case letters/);
});
