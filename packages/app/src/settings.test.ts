import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, integer, SettingsError, secret, settings, text } from "@sampan/config";
import { alone, noSettings, noted } from "./echo.fixture.js";
import { run } from "./run.js";
import { service } from "./service.js";
import { readServiceSettings } from "./service-settings.js";

const OrderSettings = settings({
  window: duration({ default: "15m", max: "24h" }),
  lines: integer({ default: 10, min: 1 }),
  key: secret(),
});

test("every wrong setting is reported at once with its source, and nothing is opened or built", async () => {
  const notes: string[] = [];
  const store = { ...noted("store", notes), settings: settings({ url: text() }) };
  const order = service({
    name: "order",
    settings: OrderSettings,
    needs: { store },
    build: () => {
      notes.push("build");
      return {};
    },
  });
  const options = alone();
  const sources = {
    ...options.sources,
    argv: ["--order.window", "2d", "--order.linse", "3"],
    env: { SAMPAN_ORDER_LINES: "0", SAMPAN_PROCESS_LOG_LEVEL: "loud" },
  };
  await assert.rejects(run(order, { ...options, sources }), (error: unknown) => {
    assert.ok(error instanceof SettingsError);
    assert.deepEqual(error.problems.map(({ setting, source }) => `${setting} (${source})`).sort(), [
      "--order.linse (command line)",
      "order.key (no source)",
      "order.lines (environment SAMPAN_ORDER_LINES)",
      "order.window (flag --order.window)",
      "process.logLevel (environment SAMPAN_PROCESS_LOG_LEVEL)",
      "store.url (no source)",
    ]);
    return true;
  });
  assert.deepEqual(notes, []);
});

test("what a program chooses stands above the declared defaults and below every other source", () => {
  const order = service({ name: "order", settings: OrderSettings, needs: {}, build: () => ({}) });
  const read = readServiceSettings([order], {
    argv: [],
    env: { SAMPAN_ORDER_LINES: "3" },
    folder: "none",
    defaults: { order: { lines: 2, key: "of the program" }, process: { logFormat: "pretty" } },
  });
  assert.equal(read.section("order").lines, 3);
  assert.equal(read.process.logFormat, "pretty");
  assert.equal(read.section("nobody").x, undefined);
  const sources = Object.fromEntries(read.explain().map(({ setting, source }) => [setting, source]));
  assert.equal(sources["order.lines"], "environment SAMPAN_ORDER_LINES");
  assert.equal(sources["order.window"], "default");
});

test("settings of services that run elsewhere are not unknown", () => {
  const order = service({ name: "order", settings: noSettings, needs: {}, build: () => ({}) });
  const sources = { argv: [], env: { SAMPAN_GATEWAY_PORT: "80" }, folder: "none" };
  assert.throws(() => readServiceSettings([order], sources), SettingsError);
  readServiceSettings([order], { ...sources, elsewhere: ["gateway"] });
});

test("an environment that is no name is a wrong setting", () => {
  const order = service({ name: "order", settings: noSettings, needs: {}, build: () => ({}) });
  assert.throws(
    () => readServiceSettings([order], { env: { SAMPAN_ENV: "../etc" } }),
    /SAMPAN_ENV.*\n.*not name an environment/,
  );
});

test("build gets its own section, and a dependency gets its own", async () => {
  const seen: unknown[] = [];
  const store = {
    name: "store",
    lifetime: "process",
    settings: settings({ size: integer({ default: 1 }) }),
    open: ({ settings }: { settings: unknown }) => {
      seen.push(settings);
      return { value: 0 };
    },
  } as const;
  const order = service({
    name: "order",
    settings: settings({ lines: integer({ default: 10 }) }),
    needs: { store },
    build: ({ settings }) => {
      seen.push(settings);
      return {};
    },
  });
  const process = await run(order, alone({ order: { lines: 7 } }));
  await process.stop();
  assert.deepEqual(seen, [{ size: 1 }, { lines: 7 }]);
});
