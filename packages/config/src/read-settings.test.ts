import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { describeSettings } from "./explain.js";
import { bytes } from "./kinds/bytes.js";
import { choice } from "./kinds/choice.js";
import { duration } from "./kinds/duration.js";
import { integer } from "./kinds/number.js";
import { optional } from "./kinds/optional.js";
import { secret } from "./kinds/secret.js";
import { text } from "./kinds/text.js";
import { url } from "./kinds/url.js";
import { readSettings } from "./read-settings.js";
import type { Secret } from "./secret.js";
import { type SettingsOf, settings } from "./settings.js";
import { SettingsError } from "./settings-error.js";
import { codeSource } from "./sources/code.js";
import { environmentSource } from "./sources/environment.js";
import { fileSource } from "./sources/file.js";
import { flagsSource } from "./sources/flags.js";

const order = settings({
  paymentWindow: duration({ default: "15m", min: "1m", max: "24h", doc: "how long an order waits for its payment" }),
  maxLines: integer({ default: 1000, min: 1, max: 1000 }),
  maxBody: bytes({ default: "1MB" }),
  mode: choice(["memory", "redis"], { default: "memory" }),
});
const pay = settings({ key: secret({ minLength: 8 }), store: url(), note: optional(text()) });

const folder = mkdtempSync(join(tmpdir(), "sampan-config-"));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const failure = (read: () => unknown): SettingsError => {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error;
  }
  throw new Error("it did not throw");
};

describe("reading settings", () => {
  it("gives typed, frozen values, defaults where nothing is set", () => {
    const { values } = readSettings({ order }, []);
    const typed: SettingsOf<typeof order> = values.order;
    const mode: "memory" | "redis" = typed.mode;
    assert.deepEqual({ ...typed }, { paymentWindow: 900_000, maxLines: 1000, maxBody: 1_000_000, mode: "memory" });
    assert.equal(mode, "memory");
    assert.ok(Object.isFrozen(values) && Object.isFrozen(values.order));
  });

  it("takes the highest source and explains it", () => {
    const path = write("default.json", '{"order":{"paymentWindow":"2m","mode":"redis"}}');
    const result = readSettings({ order }, [
      flagsSource(["--order.payment-window", "5m"]),
      environmentSource({ SAMPAN_ORDER_PAYMENT_WINDOW: "3m" }),
      fileSource(path),
    ]);
    assert.equal(result.values.order.paymentWindow, 300_000);
    assert.deepEqual(result.explain().slice(0, 2), [
      {
        setting: "order.paymentWindow",
        value: "5m",
        source: "flag --order.payment-window",
        overrides: ["environment SAMPAN_ORDER_PAYMENT_WINDOW", `${path}:1:11`],
        live: false,
        doc: "how long an order waits for its payment",
      },
      { setting: "order.maxLines", value: "1000", source: "default", overrides: [], live: false, doc: "" },
    ]);
  });

  it("lists everything that is wrong at once", () => {
    const error = failure(() =>
      readSettings({ order, pay }, [
        codeSource({ order: { maxLines: 5000 } }),
        flagsSource(["--order.payment-windw", "2d", "--pay.store", "redis//me:hush@host"]),
        environmentSource({ SAMPAN_ORDER_PAYMENT_WINDOW: "2d", SAMPAN_PAY_KEY: "hush" }),
      ]),
    );
    assert.deepEqual(
      error.problems.map(({ setting, source, value, problem }) => [setting, source, value, problem]),
      [
        ["order.maxLines", "set in code", "5000", "is more than 1000"],
        ["--order.payment-windw", "command line", undefined, "is not a setting"],
        ["pay.store", "flag --pay.store", '"redis//me:***@host"', "is not an absolute URL"],
        ["order.paymentWindow", "environment SAMPAN_ORDER_PAYMENT_WINDOW", '"2d"', "is more than 1d"],
        ["pay.key", "environment SAMPAN_PAY_KEY", "***", "is shorter than 8 characters"],
      ],
    );
    assert.match(
      error.message,
      /^5 settings are wrong:\n\n {2}order\.maxLines = 5000 {2}\(set in code\)\n {4}is more than 1000\n {4}fix: /,
    );
    assert.doesNotMatch(error.message, /hush/);
  });

  it("reports required settings that no source has, with every way to set them", () => {
    const error = failure(() => readSettings({ pay }, []));
    assert.deepEqual(
      error.problems.map(({ setting, fix }) => `${setting}: ${fix}`),
      [
        "pay.key: set SAMPAN_PAY_KEY, or name a file that holds it with SAMPAN_PAY_KEY_FILE or --pay.key-file; give a secret of at least 8 characters",
        'pay.store: set --pay.store, SAMPAN_PAY_STORE, or "pay.store" in a settings file; give an absolute URL, such as https://host:443/path',
      ],
    );
  });

  it("reports a wrong value that a higher source overrides", () => {
    const sources = [flagsSource(["--order.max-lines", "5"]), environmentSource({ SAMPAN_ORDER_MAX_LINES: "many" })];
    assert.equal(failure(() => readSettings({ order }, sources)).problems.length, 1);
  });

  it("escapes what was given, so that a value cannot forge lines", () => {
    const error = failure(() =>
      readSettings({ order }, [environmentSource({ SAMPAN_ORDER_MODE: "x\n  fix: \u001b[2Jrun this" })]),
    );
    assert.match(error.message, /order\.mode = "x\\n {2}fix: \\u001b\[2Jrun this"/);
  });

  it("passes over sections that live elsewhere", () => {
    const path = write("shared.json", '{"gateway":{"port":1},"order":{}}');
    const sources = [environmentSource({ SAMPAN_GATEWAY_PORT: "1" }), fileSource(path)];
    readSettings({ order }, sources, { elsewhere: ["gateway"] });
    assert.equal(failure(() => readSettings({ order }, sources)).problems.length, 2);
  });
});

describe("secrets", () => {
  const store = environmentSource({ SAMPAN_PAY_STORE: "redis://me:hush@host" });
  const keyFrom = (result: { readonly values: { readonly pay: { readonly key: Secret } } }): string =>
    result.values.pay.key.reveal();

  it("come from the environment or from a file that any source names", () => {
    const path = write("key", "hush-hush\n");
    const settingsFile = write("pay.json", JSON.stringify({ pay: { keyFile: path } }));
    const sources = [
      environmentSource({ SAMPAN_PAY_KEY: "hush-hush", SAMPAN_PAY_STORE: "a:b" }),
      environmentSource({ SAMPAN_PAY_KEY_FILE: path, SAMPAN_PAY_STORE: "a:b" }),
    ];
    for (const source of sources) assert.equal(keyFrom(readSettings({ pay }, [source])), "hush-hush");
    for (const source of [flagsSource(["--pay.key-file", path]), fileSource(settingsFile)]) {
      assert.equal(keyFrom(readSettings({ pay }, [source, store])), "hush-hush");
    }
  });

  it("are refused where others can read them", () => {
    const settingsFile = write("plain.json", '{"pay":{"key":"hush-hush"}}');
    for (const source of [flagsSource(["--pay.key", "hush-hush"]), fileSource(settingsFile)]) {
      const error = failure(() => readSettings({ pay }, [source, store]));
      assert.equal(error.problems[0]?.problem, "is a secret, which others can read here");
      assert.doesNotMatch(error.message, /hush/);
    }
  });

  it("are refused from a file that is missing, empty, huge or short, and from two places at once", () => {
    const paths = {
      missing: join(folder, "none"),
      empty: write("empty", "\n"),
      huge: write("huge", "x".repeat(70_000)),
      short: write("short", "hush"),
    };
    const problemOf = (path: string): string | undefined =>
      failure(() => readSettings({ pay }, [environmentSource({ SAMPAN_PAY_KEY_FILE: path }), store])).problems[0]
        ?.problem;
    assert.deepEqual(Object.values(paths).map(problemOf), [
      "names a file that cannot be read: ENOENT",
      "names an empty file",
      "names a file of more than 64 KiB",
      "is shorter than 8 characters",
    ]);
    const both = environmentSource({ SAMPAN_PAY_KEY: "hush-hush", SAMPAN_PAY_KEY_FILE: write("key2", "hush-hush") });
    assert.match(
      failure(() => readSettings({ pay }, [both, store])).message,
      /is also given by environment SAMPAN_PAY_KEY/,
    );
  });

  it("are masked when explained", () => {
    const result = readSettings({ pay }, [
      environmentSource({ SAMPAN_PAY_KEY: "hush-hush", SAMPAN_PAY_STORE: "redis://me:hush@host" }),
    ]);
    assert.deepEqual(
      result.explain().map((each) => each.value),
      ["***", "redis://me:***@host", "(not set)"],
    );
  });
});

describe("describing settings", () => {
  it("lists names, limits and defaults", () => {
    assert.deepEqual(describeSettings({ order })[0], {
      setting: "order.paymentWindow",
      flag: "--order.payment-window",
      variable: "SAMPAN_ORDER_PAYMENT_WINDOW",
      kind: "duration",
      accepts: "a duration from 1m to 1d, such as 500ms, 15m or 1h30m",
      default: "15m",
      live: false,
      doc: "how long an order waits for its payment",
    });
  });
});
