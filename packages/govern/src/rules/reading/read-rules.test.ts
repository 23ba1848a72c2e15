import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testSections } from "../rules.fixture.js";
import { problemText } from "./problems.js";
import { type ReadOptions, readRules, requireRules } from "./read-rules.js";

const options: ReadOptions = { sections: testSections };

function problemsOf(text: string, more: Partial<ReadOptions> = {}): string[] {
  return (readRules(text, { ...options, ...more }).problems ?? []).map((problem) => problemText("r", problem));
}

/** A document of one rule with these lines. */
const rule = (...lines: string[]): string =>
  ["rules:", "  - name: one", ...lines.map((line) => `    ${line}`)].join("\n");

describe("a rule document", () => {
  it("becomes rules with every default in place and numbers in base units", () => {
    const { rules } = readRules(
      rule(
        "match: { service: order.*, method: [Get*, List], tenant: acme, labels: { tier: [free, trial] }, matchLabels: { zone: a } }",
        "during: { from: '23:00', to: '01:30', timezone: Asia/Shanghai, days: [fri, sat] }",
        "tea: { brew: 1m30s, sweet: 0.5, pot: { size: 2KB }, extra: { any: [1] }, pour: 30/m, side: client }",
      ),
      options,
    );
    assert.deepEqual(rules?.rules, [
      {
        name: "one",
        description: "",
        match: {
          services: ["order.*"],
          methods: ["Get*", "List"],
          tenants: ["acme"],
          callers: [],
          releases: [],
          labels: new Map([
            ["tier", ["free", "trial"]],
            ["zone", ["a"]],
          ]),
        },
        during: [{ fromMinute: 1380, toMinute: 1530, timezone: "Asia/Shanghai", days: [5, 6], dates: undefined }],
        shadow: false,
        preset: false,
        sections: new Map([
          [
            "tea",
            {
              name: "tea",
              side: "client",
              policy: {
                brewMs: 90_000,
                cups: 2,
                sweet: 0.5,
                kind: "green",
                guests: [],
                weights: {},
                pot: { bytes: 2000, lid: true },
                extra: { any: [1] },
                perSecond: 0.5,
              },
            },
          ],
        ]),
      },
    ]);
  });

  it("may be JSON, indented with tabs", () => {
    const text = '{\n\t"rules": [\n\t\t{ "name": "one", "tea": "3s" }\n\t]\n}';
    assert.equal(readRules(text, options).rules?.rules[0]?.name, "one");
  });

  it("takes a single rule, and the short forms of a section and of a limit", () => {
    const { rules } = readRules("rules: { name: x, tea: 3s, maxRequestsPerSecond: 100 }", options);
    const sections = rules?.rules[0]?.sections;
    assert.equal((sections?.get("tea")?.policy as { brewMs?: number } | undefined)?.brewMs, 3000);
    assert.deepEqual(sections?.get("limit"), { name: "limit", side: "server", policy: { rate: 100 } });
  });

  it("lists all that is wrong, each with its place, why, and what to do", () => {
    const text = rule(
      "mach: { service: x }",
      "match: { tennant: acme }",
      "shadow: maybe",
      "tea:",
      "  brew: 20m",
      "  cups: 2.5",
      "  sweet: 140%",
      "  kind: gren",
      "  guests: [ann, B0B]",
      "  pot: { lid: 1 }",
      "  pour: fast",
      "either: { a: true, b: true }",
    );
    assert.deepEqual(problemsOf(text), [
      "r:3:5: rules[0].mach: is not known here; did you mean match?",
      "r:4:14: rules[0].match.tennant: is not known here; did you mean tenant?",
      'r:5:13: rules[0].shadow: must be true or false, not "maybe"; write true or false',
      "r:7:13: rules[0].tea.brew: 20m is more than 10m; write something from 1s to 10m",
      "r:8:13: rules[0].tea.cups: must be a whole number, not 2.5; write a whole number",
      "r:9:14: rules[0].tea.sweet: 140% is more than 100%; write at most 100%",
      'r:10:13: rules[0].tea.kind: must be one of green, oolong, black, not "gren"; did you mean green?',
      'r:11:21: rules[0].tea.guests[1]: "B0B" is not what this field takes; write what this field takes',
      "r:12:12: rules[0].tea.pot.size: is missing; write size: How large.",
      "r:12:19: rules[0].tea.pot.lid: must be true or false, not 1; write true or false",
      'r:13:13: rules[0].tea.pour: "fast" is no rate; write one such as 500/s or 30000/m',
      "r:14:13: rules[0].either: has a and b, which exclude one another; keep one of a, b",
    ]);
  });

  it("says where the text is no YAML", () => {
    assert.match(problemsOf("rules:\n  - name: [one\n    tea: 3s")[0] as string, /^r:3:\d+: /);
    assert.match(problemsOf("")[0] as string, /^r:1:1: must be a map, not empty/);
    assert.match(problemsOf("a: 1\na: 2")[0] as string, /^r:2:1: .*unique/i);
  });

  it("names fields and sections that contradict one another", () => {
    assert.deepEqual(problemsOf(rule("tea: { brew: 3s, cups: 1, guests: [ann, bob] }")), [
      "r:3:39: rules[0].tea.guests: there are more guests than cups; raise cups",
    ]);
    assert.match(problemsOf(rule("shadow: true"))[0] as string, /has no section, so it changes nothing/);
    assert.match(
      problemsOf(rule("limit: { rate: 1/s }", "maxRequestsPerSecond: 2"))[0] as string,
      /short form of limit/,
    );
    assert.match(
      problemsOf(rule("tea: 3s", "match: { labels: { a: x }, matchLabels: { a: y } }"))[0] as string,
      /is written under labels too/,
    );
    assert.match(problemsOf(rule("tea: 3s", "during: [{ from: '08:00', to: '08:00' }]"))[0] as string, /is empty/);
    assert.match(
      problemsOf(rule("tea: 3s", "during: { from: '08:00', to: '09:00', timezone: Mars/North }"))[0] as string,
      /r:4:53: rules\[0\]\.during\.timezone: there is no time zone Mars\/North/,
    );
    assert.match(
      problemsOf(rule("tea: 3s", "during: { from: '08:00', to: '09:00', dates: [2026-02-31] }"))[0] as string,
      /2026-02-31 is not in the calendar/,
    );
  });

  it("is thrown back as one error that names the source and every problem", () => {
    assert.throws(
      () => requireRules("rules: [{ name: one }, { nam: two }]", "shop.yaml", options),
      (error: Error) =>
        /^shop\.yaml has 2 problems:\nshop\.yaml:1:26: .*\nshop\.yaml:1:24: .*is missing/.test(error.message),
    );
    assert.equal(requireRules("rules: []", "shop.yaml", options).rules.length, 0);
  });
});

describe("two rules", () => {
  const two = (first: string, second: string): string =>
    `rules:\n  - { name: one, tea: 3s, ${first} }\n  - { name: two, tea: 4s, ${second} }`;
  const contradict = (first: string, second: string): boolean =>
    problemsOf(two(first, second)).some((each) => /r:3:\d+: rules\[1\]\.tea: is decided by rule one too/.test(each));

  it("of one name are refused", () => {
    assert.deepEqual(problemsOf("rules: [{ name: x, tea: 3s, match: { service: a } }, { name: x, tea: 3s }]"), [
      "r:1:62: rules[1].name: there is a rule x before; give each rule its own name",
    ]);
  });

  it("contradict when they match the same calls, equally specific, for the same section", () => {
    for (const [first, second] of [
      ["match: {}", "match: {}"],
      ["match: { service: a }", "match: { service: [b, a] }"],
      ["match: { method: Get* }", "match: { method: '*ers' }"],
      ["match: { labels: { tier: free } }", "match: { labels: { zone: a } }"],
      ["match: { release: canary }", "match: { release: canary }, during: []"],
      ["during: { from: '08:00', to: '09:00' }", "during: { from: '08:59', to: '10:00' }"],
      // 01:00 in Shanghai is 17:00 UTC of the day before.
      ["during: { from: '16:30', to: '17:30' }", "during: { from: '01:00', to: '02:00', timezone: Asia/Shanghai }"],
      ["during: { from: '20:00', to: '22:00', dates: ['2026-11-11'] }", "during: { from: '21:00', to: '21:30' }"],
      ["during: { from: '23:00', to: '01:00', days: sun }", "during: { from: '00:30', to: '02:00', days: mon }"],
    ] as const) {
      const expected = !second.includes("during: []");
      assert.equal(contradict(first, second), expected, `${first} | ${second}`);
      if (expected) assert.equal(contradict(second, first), true, `${second} | ${first}`);
    }
  });

  it("stand beside one another when one is more specific, or no call and no time is common to both", () => {
    for (const [first, second] of [
      ["match: {}", "match: { service: a }"],
      ["match: { service: a }", "match: { service: b }"],
      ["match: { method: Get* }", "match: { method: Set* }"],
      ["match: { method: Get* }", "match: { method: Get }"],
      ["match: { labels: { tier: free } }", "match: { labels: { tier: paid } }"],
      ["match: { labels: { tier: free } }", "match: { labels: { tier: free, zone: a } }"],
      ["shadow: true", "shadow: false"],
      ["during: { from: '08:00', to: '09:00' }", "match: {}"],
      ["during: { from: '08:00', to: '09:00' }", "during: { from: '09:00', to: '10:00' }"],
      ["during: { from: '08:00', to: '09:00', days: mon }", "during: { from: '08:00', to: '09:00', days: [tue, sun] }"],
      [
        "during: { from: '08:00', to: '09:00', dates: ['2026-11-11'] }",
        "during: { from: '08:00', to: '09:00', dates: ['2026-11-12'] }",
      ],
    ] as const) {
      assert.deepEqual(problemsOf(two(first, second)), [], `${first} | ${second}`);
    }
  });

  it("may share calls when they have different sections", () => {
    assert.deepEqual(problemsOf("rules: [{ name: a, tea: 3s }, { name: b, limit: { rate: 1/s } }]"), []);
  });
});
