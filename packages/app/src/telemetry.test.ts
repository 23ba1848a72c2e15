import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Span } from "@sampan/core/ports";
import { EchoService } from "@sampan/testkit";
import { alone, echo, gate, noSettings } from "./echo.fixture.js";
import { AppErrors } from "./errors.js";
import { type RunningProcess, run } from "./run.js";
import { service } from "./service.js";

const withAdmin = { process: { adminPort: 0 } };

async function admin<T>(process: RunningProcess, path: string): Promise<T> {
  const response = await fetch(`${process.addresses.get("admin")}${path}`, { headers: { connection: "close" } });
  return (await response.json()) as T;
}

test("/readyz says what state the process is in, until it has stopped", async () => {
  const opened = gate();
  const drained = gate();
  let url = "";
  const order = service({
    name: "order",
    settings: noSettings,
    needs: {
      probe: {
        name: "probe",
        lifetime: "process",
        open: () => ({ value: 0 }),
      },
    },
    build: async ({ addressOf }) => {
      url = addressOf("admin") ?? "";
      await opened.opened;
      return {
        edges: [
          { name: "door", listen: async () => ({ url: "x", drain: () => drained.opened, close: async () => {} }) },
        ],
      };
    },
  });
  const starting = run(order, alone(withAdmin));
  const readyz = async () => {
    const response = await fetch(`${url}/readyz`, { headers: { connection: "close" } });
    return [response.status, ((await response.json()) as { status: string }).status];
  };
  while (url === "") await new Promise(setImmediate);
  assert.deepEqual(await readyz(), [503, "starting"]);
  opened.open();
  const process = await starting;
  assert.equal(process.addresses.get("admin"), url);
  assert.deepEqual(await readyz(), [200, "ready"]);
  const stopped = process.stop();
  assert.deepEqual(await readyz(), [503, "draining"]);
  drained.open();
  await stopped;
  await assert.rejects(readyz());
});

test("root calls are spans, with a link to what caused them, and the calls that they make are below them", async (t) => {
  const order = service({ name: "order", settings: noSettings, needs: {}, build: () => ({ serves: [echo()] }) });
  const process = await run(order, alone(withAdmin));
  t.after(() => process.stop());
  const runtime = process.runtime("order");
  const cause = runtime.root({ name: "request" });
  await runtime.run({ name: "saga/place-order/charge", origin: cause.origin }, (call) =>
    call.to(EchoService).unary({}),
  );
  await assert.rejects(runtime.run({ name: "saga/place-order/ship" }, () => Promise.reject(new Error("no"))));
  const { spans } = await admin<{ spans: (Omit<Span, "code"> & { code: string })[] }>(process, "/traces");
  const charge = spans.find(({ name }) => name === "saga/place-order/charge");
  assert.deepEqual([charge?.kind, charge?.service, charge?.links], ["internal", "order", [cause.origin.traceparent]]);
  const below = spans.find(({ kind }) => kind === "client");
  assert.deepEqual([below?.traceId, below?.parentSpanId], [charge?.traceId, charge?.spanId]);
  const ship = spans.find(({ name }) => name === "saga/place-order/ship");
  assert.equal(ship?.code, "Internal");
  cause.settle();
});

test("an admin port that is taken is named, and nothing is left open", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const order = service({ name: "order", settings: noSettings, needs: {}, build: () => ({}) });
  await assert.rejects(run(order, alone({ process: { adminPort: port } })), (error: Error) => {
    assert.ok(AppErrors.START_FAILED.is(error));
    assert.match(error.message, /^admin port did not start: listen EADDRINUSE/);
    return true;
  });
  taken.close();
});

test("the log says when the process is ready and where, and which service a line is of", async () => {
  const lines: string[] = [];
  const order = service({
    name: "order",
    settings: noSettings,
    needs: {},
    build: ({ logger }) => {
      logger.warn("something");
      logger.debug("not at this level");
      return {};
    },
  });
  const process = await run(order, alone({}, lines));
  await process.stop();
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    parsed.map(({ level, msg, message, service }) => [level, msg ?? message, service]),
    [
      ["warn", "something", "order"],
      ["info", "ready", undefined],
      ["info", "draining", undefined],
    ],
  );
  assert.deepEqual(parsed[1]?.services, ["order"]);
});
