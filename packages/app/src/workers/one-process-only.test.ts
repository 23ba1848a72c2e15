import assert from "node:assert/strict";
import { test } from "node:test";
import { type SettingsError, settings } from "@sampan/config";
import { broker } from "../dependencies/broker.js";
import { platform } from "../dependencies/platform.js";
import { sql } from "../dependencies/sql.js";
import { tokens } from "../dependencies/tokens.js";
import { alone, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { type ServiceModule, service } from "../service.js";
import { readServiceSettings } from "../service-settings.js";
import { oneProcessOnly } from "./one-process-only.js";
import { maxWorkers, workerCount, workersSetting } from "./worker-setting.js";

const needing = (name: string, needs: ServiceModule["needs"]): ServiceModule =>
  service({ name, settings: noSettings, needs, build: () => ({}) });

const needsOf = (module: ServiceModule, set = {}) =>
  oneProcessOnly([module], readServiceSettings([module], alone(set).sources)).map(({ need }) => need);

test("a service that needs embedded engines refuses workers, before anything is opened, with every reason and a way out", async () => {
  const order = needing("order", { sql: sql([]), broker });
  const running = run(order, alone({ process: { workers: 2, data: "/nowhere/at/all" } }));
  await assert.rejects(running, (error: SettingsError) => {
    assert.equal(error.name, "SettingsError");
    assert.deepEqual(
      error.problems.map(({ setting, value, problem }) => [setting, value, problem]),
      [
        [
          "process.workers",
          "2",
          "cannot be more than 1 here: sql of order is an embedded database, whose file one process owns",
        ],
        [
          "process.workers",
          "2",
          "cannot be more than 1 here: broker is an embedded queue, whose file one process owns",
        ],
      ],
    );
    assert.ok(error.problems.every(({ fix }) => fix.includes("process.workers")));
    return true;
  });
});

test("what belongs to another process, or is shared by a file that is only read, is no reason", () => {
  assert.deepEqual(needsOf(needing("a", { broker })), ["broker"]);
  assert.deepEqual(needsOf(needing("a", { broker }), { broker: { remote: true } }), []);
  assert.deepEqual(needsOf(needing("a", { platform })), ["platform"]);
  assert.deepEqual(needsOf(needing("a", { platform }), { platform: { standinUrl: "http://127.0.0.1:1" } }), []);
  assert.deepEqual(needsOf(needing("a", { platform }), { platform: { mode: "wechat" } }), []);
  assert.deepEqual(needsOf(needing("a", { tokens })), []);
});

test("one worker is this process, whatever the service needs", async () => {
  const once = { name: "store", lifetime: "process", open: () => ({ value: 0 }) } as const;
  const store = { ...once, oneProcessOnly: () => ({ why: "is one", fix: "none" }) };
  const running = await run(needing("a", { store }), alone({ process: { workers: 1 } }));
  assert.equal(running.state, "ready");
  await running.stop();
  await assert.rejects(run(needing("a", { store }), alone({ process: { workers: 2 } })), /store is one/);
});

test("the number of workers is a number from 1, or auto", () => {
  const read = (raw: string) => workersSetting.read(raw, "text");
  assert.deepEqual(read("1"), { value: 1 });
  assert.deepEqual(read(String(maxWorkers)), { value: maxWorkers });
  assert.deepEqual(read("auto"), { value: "auto" });
  for (const wrong of ["0", "-1", "1.5", String(maxWorkers + 1), "many", ""])
    assert.ok("problem" in read(wrong), wrong);
  assert.equal(workerCount(3), 3);
  assert.ok(workerCount("auto") >= 1);
  assert.deepEqual(settings({ workers: workersSetting }).fields.workers.fallback, { value: 1 });
});
