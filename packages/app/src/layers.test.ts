import assert from "node:assert/strict";
import { test } from "node:test";
import type { Layer } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "./echo.fixture.js";
import { run } from "./run.js";
import { service } from "./service.js";

test("layers of the process go outside those of a service, on both sides, once for a call", async () => {
  const passed: string[] = [];
  const made: string[] = [];
  const noting =
    (name: string): Layer =>
    (next, method) => {
      made.push(`${name} ${method.name}`);
      return (request, call) => {
        passed.push(name);
        return next(request, call);
      };
    };
  const serving = service({
    name: "echo",
    settings: noSettings,
    needs: {},
    layers: [noting("service 1"), noting("service 2")],
    build: () => ({ serves: [echo()] }),
  });
  const other = service({
    name: "other",
    settings: noSettings,
    needs: {},
    layers: [noting("other service")],
    build: () => ({}),
  });
  const process = await run([serving, other], {
    ...alone(),
    layers: [noting("process 1"), noting("process 2")],
    clientLayers: [noting("client 1"), noting("client 2")],
  });
  const ask = () => process.runtime("other").run({ name: "t" }, (call) => call.to(EchoService).unary({ text: "x" }));
  await ask();
  const order = ["client 1", "client 2", "process 1", "process 2", "service 1", "service 2"];
  assert.deepEqual(passed.splice(0), order);
  await ask();
  assert.deepEqual(passed, order);
  // Once for each method, when the process starts or the method is first called; not for each call.
  assert.equal(made.filter((line) => line === "process 1 Unary").length, 1);
  assert.equal(made.filter((line) => line === "client 1 Unary").length, 1);
  await process.stop();
});

test("requests are checked against their contract inside the layers of the process, outside those of the service", async () => {
  const { RuledService } = await import("@sampan/testkit");
  const { implement } = await import("@sampan/core");
  const passed: string[] = [];
  const noting =
    (name: string): Layer =>
    (next) =>
    (request, call) => {
      passed.push(name);
      return next(request, call);
    };
  const ruled = service({
    name: "ruled",
    settings: noSettings,
    needs: {},
    layers: [noting("service")],
    build: () => ({
      serves: [implement(RuledService, { check: () => ({}), checkAll: async () => ({}), free: () => ({}) })],
    }),
  });
  const process = await run(ruled, { ...alone(), layers: [noting("process")] });
  const asked = process.runtime("ruled").run({ name: "t" }, (call) => call.to(RuledService).check({}));
  await assert.rejects(asked, /the request is not valid/);
  assert.deepEqual(passed, ["process"]);
  await process.stop();
});
