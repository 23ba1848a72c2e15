import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { boolean } from "../kinds/boolean.js";
import { duration } from "../kinds/duration.js";
import { integer } from "../kinds/number.js";
import { layoutOf } from "../layout.js";
import { settings } from "../settings.js";
import { codeSource } from "./code.js";
import { environmentSource } from "./environment.js";
import { fileSource, namedFileSource } from "./file.js";
import { flagsSource } from "./flags.js";
import { processSources } from "./process.js";
import type { SettingsSource } from "./source.js";

const order = settings({ paymentWindow: duration(), maxLines: integer(), strict: boolean() });
const layout = layoutOf({ order }, ["gateway"]);
const folder = mkdtempSync(join(tmpdir(), "sampan-config-"));
after(() => rmSync(folder, { recursive: true }));

const found = (source: SettingsSource) =>
  Object.fromEntries(source.read(layout).found.map(({ slot, raw }) => [slot.named.key, raw]));
const problems = (source: SettingsSource) =>
  source.read(layout).problems.map(({ setting, problem, fix }) => `${setting} ${problem}: ${fix}`);
const file = (text: string): SettingsSource => {
  const path = join(folder, "settings.json");
  writeFileSync(path, text);
  return fileSource(path);
};

describe("flags", () => {
  it("take a value after a space or an equals sign", () => {
    assert.deepEqual(found(flagsSource(["--order.payment-window", "5m", "--order.max-lines=-3"])), {
      paymentWindow: "5m",
      maxLines: "-3",
    });
    assert.deepEqual(found(flagsSource(["--order.max-lines", "-3"])), { maxLines: "-3" });
  });

  it("switch booleans with and without a value", () => {
    assert.deepEqual(found(flagsSource(["--order.strict", "--order.max-lines", "1"])), {
      strict: "true",
      maxLines: "1",
    });
    assert.deepEqual(found(flagsSource(["--no-order.strict"])), { strict: "false" });
    assert.deepEqual(found(flagsSource(["--order.strict", "false"])), { strict: "false" });
  });

  it("report unknown, repeated, valueless and stray arguments", () => {
    const argv = [
      "--order.max-line",
      "5",
      "--order.strict",
      "--order.strict",
      "--no-order.max-lines",
      "stray",
      "--order.payment-window",
    ];
    assert.deepEqual(problems(flagsSource(argv)), [
      "--order.max-line is not a setting: did you mean --order.max-lines?",
      "order.strict is given twice: give it once",
      "--no-order.max-lines is not a setting: did you mean --order.max-lines?",
      "order.paymentWindow has no value: give a duration, such as 500ms, 15m or 1h30m",
    ]);
    assert.deepEqual(problems(flagsSource(["stray"])), [" is not a flag: a setting is given as --section.name value"]);
  });
});

describe("environment", () => {
  it("takes variables with the prefix and skips empty ones", () => {
    const env = { SAMPAN_ORDER_MAX_LINES: "3", SAMPAN_ORDER_STRICT: "", HOME: "x", SAMPAN_ENV: "test" };
    assert.deepEqual(found(environmentSource(env)), { maxLines: "3" });
    assert.deepEqual(problems(environmentSource(env)), []);
  });

  it("reports unknown variables, except those of sections elsewhere and ignored ones", () => {
    const env = { SAMPAN_ORDER_MAX_LINE: "hush", SAMPAN_GATEWAY_PORT: "1", SAMPAN_DATA: "x" };
    const source = environmentSource(env, { ignore: ["SAMPAN_DATA"] });
    assert.deepEqual(problems(source), [
      "SAMPAN_ORDER_MAX_LINE is not a setting: did you mean SAMPAN_ORDER_MAX_LINES?",
    ]);
    assert.doesNotMatch(JSON.stringify(source.read(layout).problems), /hush/);
  });
});

describe("a file", () => {
  it("holds sections of values", () => {
    const source = file('\ufeff{"order":{"maxLines":3,"strict":false},"gateway":{"port":1}}');
    assert.deepEqual(found(source), { maxLines: 3, strict: false });
    assert.deepEqual(problems(source), []);
  });

  it("reports unknown names and sections", () => {
    const source = file('{"oder":{"maxLines":3},"order":{"max-lines":1,"__proto__":1}}');
    assert.deepEqual(problems(source), [
      "oder is not a setting: did you mean order?",
      "order.max-lines is not a setting: did you mean order.maxLines?",
      "order.__proto__ is not a setting: remove it, or correct its name",
    ]);
    assert.deepEqual(problems(file('{"order":[]}')), [
      'order is not an object of settings: write { "order": { "name": value } }',
    ]);
  });

  it("says where it is broken", () => {
    assert.deepEqual(problems(file('{\n  "order": {,}\n}')), [
      " cannot be read: Unexpected , in flow map: correct the YAML or JSON",
    ]);
    assert.match(problems(file("[]"))[0] as string, /does not hold an object/);
    assert.match(problems(file(`"${"x".repeat(1_000_001)}"`))[0] as string, /larger than 500000 bytes/);
    assert.match(problems(fileSource(folder))[0] as string, /cannot be read: EISDIR/);
  });

  it("names the line and column of each value and each problem", () => {
    const path = join(folder, "settings.json");
    const source = file("order:\n  maxLines: 3\n  strcit: false\n");
    assert.equal(source.read(layout).found[0]?.from, `${path}:2:3`);
    assert.equal(source.read(layout).problems[0]?.source, `${path}:3:3`);
  });

  it("is YAML or JSON by its name, and not two at once", () => {
    const base = join(folder, "named");
    const named = namedFileSource(base);
    assert.deepEqual(found(named), {});
    writeFileSync(`${base}.yml`, "order: { maxLines: 4 }");
    assert.deepEqual(found(named), { maxLines: 4 });
    writeFileSync(`${base}.json`, '{"order":{"maxLines":5}}');
    assert.match(problems(named)[0] as string, /stands beside .*named.yml, and which one holds is not clear/);
  });

  it("is read up to its limits and not beyond", () => {
    const deep = (levels: number) => `${'{"order":'.repeat(levels)}1${"}".repeat(levels)}`;
    assert.doesNotMatch(problems(file(deep(20)))[0] as string, /nested/);
    assert.match(problems(file(deep(21)))[0] as string, /nested too deeply/);
    assert.match(problems(file("[".repeat(50_000)))[0] as string, /nested too deeply|cannot be read/);
    const list = (values: number) => `[${"1,".repeat(values - 1)}1]`;
    assert.match(problems(file(list(49_999)))[0] as string, /does not hold an object/);
    assert.match(problems(file(list(50_000)))[0] as string, /too many values/);
    assert.match(problems(file(" ".repeat(500_001)))[0] as string, /larger than 500000 bytes/);
    assert.deepEqual(problems(file(" ".repeat(500_000))), []);
    const bomb = [
      "a: &a [1,1,1,1,1,1,1,1,1]",
      ..."bcdefghi".split("").map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`),
    ];
    assert.match(problems(file(bomb.join("\n")))[0] as string, /too many values/);
    assert.match(problems(file("order: &a { maxLines: *a }"))[0] as string, /leads into itself/);
  });

  it("may be missing unless it is required", () => {
    const path = join(folder, "missing.json");
    assert.deepEqual(problems(fileSource(path)), []);
    assert.match(problems(fileSource(path, { required: true }))[0] as string, /does not exist/);
  });
});

describe("code", () => {
  it("takes what is defined, and reports unknown names", () => {
    assert.deepEqual(found(codeSource({ order: { maxLines: 3, strict: undefined } })), { maxLines: 3 });
    assert.deepEqual(problems(codeSource({ order: { colour: 3 }, gateway: { port: 1 } })), [
      "order.colour is not a setting: remove it, or correct its name",
    ]);
  });
});

describe("the sources of a process", () => {
  it("stand in order", () => {
    writeFileSync(join(folder, "default.json"), '{"order":{"maxLines":1}}');
    writeFileSync(join(folder, "staging.json"), '{"order":{"maxLines":2}}');
    const sources = processSources({
      folder,
      set: { order: { maxLines: 5 } },
      argv: ["--order.max-lines", "4"],
      env: { SAMPAN_ENV: "staging", SAMPAN_ORDER_MAX_LINES: "3" },
    });
    assert.deepEqual(
      sources.map((source) => Number(found(source).maxLines)),
      [5, 4, 3, 2, 1],
    );
  });

  it("refuse an environment that leaves the folder", () => {
    assert.throws(() => processSources({ environment: "../secret" }), TypeError);
  });
});
