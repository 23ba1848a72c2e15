import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { duration, FileConfigStore, integer, type LiveView, settings } from "@sampan/config";
import { RpcError, systemClock } from "@sampan/core";
import { alone } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";

const OrderSettings = settings({
  lines: integer({ default: 10, min: 1, max: 100, live: true }),
  window: duration({ default: "15m" }),
});

type Order = { readonly lines: number; readonly window: number };

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-live-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A process with one service, whose settings are published in a folder. */
async function start(folder: string, config: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  let live: LiveView<Order> | undefined;
  let began: Order | undefined;
  const order = service({
    name: "order",
    settings: OrderSettings,
    needs: {},
    build(context) {
      live = context.live;
      began = context.settings;
      return {};
    },
  });
  const set = {
    process: { data: join(folder, "data") },
    config: { remote: `file://${folder}/shop/test`, startTimeout: "2s", ...config },
  };
  const process = await run(order, alone(set, lines));
  return { process, live: live as unknown as LiveView<Order>, began: began as unknown as Order, lines };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) {
    await new Promise<void>((resolve) => void systemClock.timer(25, resolve));
  }
  assert.ok(holds());
}

test("a process starts with what is published, and follows it while it runs", async (t) => {
  const folder = folderOf(t);
  const store = new FileConfigStore(folder);
  await store.publish("shop/test/order", "settings: { order: { lines: 20, window: 5m }, process: { logLevel: warn } }");
  const { process, live, began, lines } = await start(folder);
  assert.deepEqual({ ...began }, { lines: 20, window: 300_000 });
  assert.equal(live.current.lines, 20);
  const text =
    "settings: { order: { lines: 30, window: 6m } }\ntenants: { acme: { settings: { order: { lines: 31 } } } }";
  await store.publish("shop/test/order", text);
  await until(() => live.current.lines === 30);
  assert.equal(live.for("acme").lines, 31);
  assert.equal(live.current.window, 300_000);
  assert.equal(began.lines, 20);
  // The level that is published is in force at once: the next line of level info is there.
  await until(() => lines.some((line) => line.includes("take effect at the next start")));
  await store.publish("shop/test/order", "settings: { order: { lines: 0 } }");
  await until(() => lines.some((line) => line.includes("are not in force; those before stay")));
  assert.equal(live.current.lines, 30);
  await process.stop();
  await store.close();
  const kept = readFileSync(join(folder, "data/config/last-good-shop.test.order.json"), "utf8");
  assert.equal(JSON.parse(kept).text, text);
});

test("a wrong document does not keep a process from starting that has a last good one", async (t) => {
  const folder = folderOf(t);
  const store = new FileConfigStore(folder);
  await store.publish("shop/test/order", "settings: { order: { lines: 20 } }");
  await (await start(folder)).process.stop();
  await store.publish("shop/test/order", "settings: { order: { lines: 0 } }");
  const again = await start(folder);
  assert.equal(again.live.current.lines, 20);
  assert.ok(again.lines.some((line) => line.includes("starting with the last good configuration")));
  await again.process.stop();
  rmSync(join(folder, "data"), { recursive: true });
  await assert.rejects(start(folder), /shop\/test\/order:1:22/);
  await store.close();
});

test("while the centre is away a start takes the last good one, and without one fails unless it need not", async (t) => {
  const folder = folderOf(t);
  const store = new FileConfigStore(folder);
  await store.publish("shop/test/order", "settings: { order: { lines: 20 } }");
  await (await start(folder)).process.stop();
  await store.close();
  const away = { remote: "etcd://127.0.0.1:1/shop/test", startTimeout: "50ms" };
  const { process, live, lines } = await start(folder, away);
  assert.equal(live.current.lines, 20);
  assert.ok(lines.some((line) => line.includes("starting with the last good configuration")));
  await process.stop();
  rmSync(join(folder, "data"), { recursive: true });
  await assert.rejects(start(folder, away), (error: unknown) => RpcError.from(error).reason === "START_FAILED");
  const bold = await start(folder, { ...away, required: "false" });
  assert.equal(bold.live.current.lines, 10);
  await bold.process.stop();
});

test("an address that is none, and a copy that cannot be read, are told or passed over", async (t) => {
  const folder = folderOf(t);
  await assert.rejects(start(folder, { remote: "redis://a:1" }), /config.remote/);
  const store = new FileConfigStore(folder);
  await store.publish("shop/test/order", "");
  await (await start(folder)).process.stop();
  writeFileSync(join(folder, "data/config/last-good-shop.test.order.json"), "{");
  await assert.rejects(start(folder, { remote: "etcd://127.0.0.1:1/shop/test" }), /configuration did not start/);
  await store.close();
});
