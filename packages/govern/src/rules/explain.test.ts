import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explain } from "./explain.js";
import { requireRules } from "./reading/read-rules.js";
import { testSections } from "./rules.fixture.js";

const rules = requireRules(
  `rules:
  - { name: all, tea: { brew: 1s, cups: 3 }, limit: { rate: 10/s } }
  - { name: order, match: { service: order.* }, tea: 2s }
  - { name: create, match: { service: order.v1.OrderService, method: Create* }, tea: 3s }
  - { name: acme, match: { service: order.v1.OrderService, method: Create*, tenant: acme }, tea: 4s, shadow: false }
  - { name: canary, match: { service: order.v1.OrderService, method: Create*, release: canary }, tea: 5s }
  - { name: stable, match: { service: order.v1.OrderService, method: Create*, release: stable }, limit: { rate: 7/s } }
  - { name: gateway, match: { service: order.v1.OrderService, method: Create*, caller: gateway }, either: { a: true } }
  - { name: free, match: { method: Create*, labels: { tier: free } }, limit: { rate: 1/s } }
  - { name: trial, match: { tenant: "*" }, shadow: true, limit: { rate: 5/s } }
  - name: peak
    match: { service: order.*, method: Create* }
    during: { from: "20:00", to: "22:00", timezone: Asia/Shanghai }
    limit: { rate: 2/s }
`,
  "test",
  { sections: testSections },
);

const night = Date.parse("2026-11-11T00:00Z");
const sale = Date.parse("2026-11-11T13:00Z");

/** `tea=create limit=all …` */
function decided(call: Partial<Parameters<typeof explain>[2]>): string {
  const asked = { service: "order.v1.OrderService", method: "CreateOrder", at: night, ...call };
  return explain(rules, testSections, asked)
    .sections.map(({ section, rule }) => `${section}=${rule}`)
    .join(" ");
}

describe("explain", () => {
  it("names for each section the most specific rule: service, method, tenant, caller, release, labels", () => {
    assert.equal(decided({ service: "cart.v1.CartService", method: "Get" }), "tea=all limit=all");
    assert.equal(decided({ method: "Get" }), "tea=order limit=all");
    assert.equal(decided({}), "tea=create limit=stable");
    assert.equal(decided({ tenant: "acme" }), "tea=acme limit=stable");
    assert.equal(decided({ release: "canary" }), "tea=canary limit=all");
    assert.equal(decided({ release: "canary", tenant: "acme" }), "tea=acme limit=all");
    assert.equal(decided({ caller: "gateway" }), "tea=create limit=stable either=gateway");
    assert.equal(decided({ release: "canary", labels: { tier: "free" } }), "tea=canary limit=free");
    assert.equal(decided({ release: "canary", labels: { tier: "paid" } }), "tea=canary limit=all");
  });

  it("counts a time window only while it is open, and says what sleeps until when", () => {
    assert.equal(decided({ release: "canary", at: sale }), "tea=canary limit=peak");
    const { asleep } = explain(rules, testSections, {
      service: "order.v1.OrderService",
      method: "CreateOrder",
      at: night,
    });
    assert.deepEqual(asleep, [{ rule: "peak", until: Date.parse("2026-11-11T12:00Z") }]);
  });

  it("says over which rules the winner wins and by what, and which shadow watches", () => {
    const { sections } = explain(rules, testSections, {
      service: "order.v1.OrderService",
      method: "CreateOrder",
      tenant: "acme",
      at: sale,
    });
    const [tea, limit] = sections;
    assert.deepEqual(tea?.over, [
      { rule: "create", because: "more specific in tenant" },
      { rule: "order", because: "more specific in service" },
      { rule: "all", because: "more specific in service" },
    ]);
    assert.deepEqual(
      [limit?.rule, limit?.shadow, limit?.side, limit?.over[0]],
      ["stable", "trial", "server", { rule: "peak", because: "more specific in service" }],
    );
  });

  it("shows effective values as rules write them, and which are defaults", () => {
    const { sections } = explain(rules, testSections, { service: "x", method: "Y", at: night });
    assert.deepEqual(sections[0]?.values, [
      { field: "brew", value: "1s", isDefault: false },
      { field: "cups", value: "3", isDefault: false },
      { field: "sweet", value: "10%", isDefault: true },
      { field: "kind", value: "green", isDefault: true },
      { field: "guests", value: "[]", isDefault: true },
      { field: "weights", value: "{}", isDefault: true },
    ]);
  });
});
