import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Secret } from "../secret.js";
import { SettingsError } from "../settings-error.js";
import { codeSource } from "../sources/code.js";
import { environmentSource } from "../sources/environment.js";
import { flagsSource } from "../sources/flags.js";
import { compiled, key } from "./remote-document.fixture.js";
import { maxRollouts, maxTenants } from "./remote-document.js";
import { sameValue } from "./same-value.js";

const problemsOf = (text: string): string[] => {
  try {
    compiled(text);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.problems.map(({ setting, source, problem }) => `${source.replace(key, "")} ${setting} ${problem}`);
  }
  return [];
};

test("published settings stand above the defaults and below every other source", () => {
  const text = "settings: { order: { lines: 20, note: published } }";
  const flags = flagsSource(["--order.lines", "30"]);
  const { values, explain } = compiled(text, { above: [flags], below: [codeSource({ order: { note: "program" } })] });
  assert.equal(values.order.lines, 30);
  assert.equal(values.order.note, "published");
  const lines = explain().find(({ setting }) => setting === "order.lines");
  assert.equal(lines?.source, "flag --order.lines");
  assert.deepEqual(lines?.overrides, [`${key}:1:22`]);
  assert.equal(lines?.live, true);
});

test("of any sources that have a value the highest wins, and the others are listed in order", () => {
  const names = ["code", "flag", "environment", "published", "program"] as const;
  fc.assert(
    fc.property(fc.subarray([...names]), (given) => {
      const has = (name: (typeof names)[number]): boolean => given.includes(name);
      const above = [
        codeSource(has("code") ? { order: { note: "code" } } : {}),
        flagsSource(has("flag") ? ["--order.note", "flag"] : []),
        environmentSource(has("environment") ? { SAMPAN_ORDER_NOTE: "environment" } : {}),
      ];
      const below = [codeSource(has("program") ? { order: { note: "program" } } : {})];
      const text = has("published") ? "settings: { order: { note: published } }" : undefined;
      const { values, explain } = compiled(text, { above, below });
      const expected = names.filter(has);
      assert.equal(values.order.note, expected[0] ?? "none");
      const row = explain().find(({ setting }) => setting === "order.note");
      assert.equal(row?.overrides.length, Math.max(0, expected.length - 1));
    }),
  );
});

test("a tenant's own value, a rollout to it, and a rollout to this instance stand above the common one", () => {
  const text = `
settings: { order: { lines: 1, note: common } }
tenants:
  acme: { settings: { order: { lines: 2 } } }
  other: {}
rollouts:
  - { name: a, to: { tenants: [acme, beta] }, settings: { order: { note: tenants } } }
  - { name: b, to: { instances: [one] }, settings: { order: { lines: 3 } } }
`;
  const one = compiled(text, { traits: { instance: "one" } });
  assert.deepEqual({ ...one.values.order, key: 0 }, { lines: 3, note: "common", port: 80, key: 0 });
  assert.deepEqual({ ...one.for("acme").order, key: 0 }, { lines: 2, note: "tenants", port: 80, key: 0 });
  assert.deepEqual({ ...one.for("beta").order, key: 0 }, { lines: 3, note: "tenants", port: 80, key: 0 });
  assert.equal(one.for("other").order.lines, 3);
  assert.equal(one.for("nobody"), one.values);
  const two = compiled(text, { traits: { instance: "two" } });
  assert.equal(two.values.order.lines, 1);
  assert.equal(two.explainFor("acme").find(({ setting }) => setting === "order.lines")?.source, `${key}:4:32`);
});

test("everything wrong in a document is told with line and column, also what is for others", () => {
  const text = `settings: { order: { lines: 0, key: secret } }
tenants:
  acme: { settings: { order: { port: 1, lin: 2 } } }
rollouts:
  - { name: a, to: { instances: 10% }, settings: { order: { lines: 900 } } }
  - { name: a, to: {}, settings: {} }
  - { name: b c, to: { zones: [z] }, settings: {} }
  - { name: c, to: { instances: 101%, zone: [z] }, settings: { payment: {} } }
  - { to: { release: canary } }
sectoins: {}
`;
  assert.deepEqual(problemsOf(text).sort(), [
    ":10:1 sectoins is not known here",
    ":1:22 order.lines is less than 1",
    ":1:32 order.key is a secret, which others can read here",
    ":3:32 order.port cannot differ between tenants: it is read at the start",
    ":3:41 order.lin is not a setting",
    ":5:61 order.lines is more than 100",
    ":6:13 rollouts[1].name is the name of another rollout too",
    ":6:20 rollouts[1].to names nobody",
    ":7:13 rollouts[2].name is not a name",
    ":8:33 rollouts[3].to.instances is neither a percentage nor a list",
    ":8:45 rollouts[3].to.zone is not known here",
    ":9:5 rollouts[4] has no name and settings",
  ]);
  assert.deepEqual(problemsOf("settings: { payment: { lines: 1 } }"), [":1:13 payment is not a setting"]);
  assert.deepEqual(problemsOf("- 1"), [":1:1  does not hold a document of configuration"]);
  assert.match(problemsOf("settings: [")[0] ?? "", /^:1:\d+ {2}cannot be read/);
});

test("a document that is empty, or has empty parts, says nothing", () => {
  for (const text of ["", "# nothing\n", "settings:\ntenants:\nrollouts:\n", "settings: { order: }", "{}"]) {
    assert.equal(compiled(text).values.order.lines, 10, text);
  }
});

test("a document has as many tenants, rollouts and names as are allowed, and not more", () => {
  const tenants = (count: number) =>
    JSON.stringify({ tenants: Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, {}])) });
  const rollouts = (count: number, names = 1) => {
    const to = { instances: Array.from({ length: names }, (_, i) => `i${i}`) };
    return JSON.stringify({ rollouts: Array.from({ length: count }, (_, i) => ({ name: `r${i}`, to, settings: {} })) });
  };
  assert.deepEqual(problemsOf(tenants(maxTenants)), []);
  assert.match(problemsOf(tenants(maxTenants + 1))[0] ?? "", /has 1001 tenants/);
  assert.deepEqual(problemsOf(rollouts(maxRollouts)), []);
  assert.match(problemsOf(rollouts(maxRollouts + 1))[0] ?? "", /has 101 rollouts/);
  assert.deepEqual(problemsOf(rollouts(1, 1000)), []);
  assert.match(problemsOf(rollouts(1, 1001))[0] ?? "", /has too many names/);
});

test("values that look alike are told apart, and the same are the same", () => {
  assert.equal(sameValue(new Secret("a"), new Secret("a")), true);
  assert.equal(sameValue(new Secret("a"), new Secret("b")), false);
  assert.equal(sameValue(new URL("http://a/"), new URL("http://a")), true);
  assert.equal(sameValue(new URL("http://a"), new URL("http://b")), false);
  assert.equal(sameValue([1, "a"], [1, "a"]), true);
  assert.equal(sameValue([1], [1, 2]), false);
  assert.equal(sameValue(undefined, null), false);
});

test("no text makes the reader fail otherwise than by telling what is wrong", () => {
  const word = fc.constantFrom(
    "settings",
    "tenants",
    "rollouts",
    "order",
    "lines",
    "name",
    "to",
    "__proto__",
    "10%",
    "&a",
    "*a",
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(word, fc.integer(), fc.constant(null), fc.array(tie("value"), { maxLength: 3 }), tie("map")),
    map: fc.dictionary(word, tie("value"), { maxKeys: 4 }),
  })).value;
  fc.assert(
    fc.property(
      fc.oneof(
        json.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      (text) => {
        assert.ok(Array.isArray(problemsOf(text)));
      },
    ),
    { numRuns: 500 },
  );
});
