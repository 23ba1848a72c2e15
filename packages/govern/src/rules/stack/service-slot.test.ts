import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { methods } from "@sampan/core";
import { createFakeClock, EchoService } from "@sampan/testkit";
import { problemText } from "../reading/problems.js";
import { readRules, requireRules } from "../reading/read-rules.js";
import { allSections } from "../sections.js";
import { governStack } from "./govern-stack.js";
import { Governor } from "./governor.js";

const read = (text: string) => requireRules(text, "test", { sections: allSections });

function governing(text: string) {
  const clock = createFakeClock();
  const governor = new Governor({ stack: governStack(), clock, random: () => 0.5 });
  governor.load(read(text));
  return { clock, governor, load: (rules: string) => governor.load(read(rules)) };
}

const ejecting = (failures: number, more = "") =>
  `rules: [{ name: sick, ${more} match: { service: shop.v1.* }, outlier: { consecutiveFailures: ${failures}, ejection: 10s, maxEjected: 50% } }]`;

describe("what rules say of endpoints", () => {
  it("ejects an instance of one service, and of no other that has the same address", () => {
    const { governor } = governing(ejecting(2));
    const stock = governor.endpoints("shop.v1.Stock");
    const cart = governor.endpoints("shop.v1.Cart");
    assert.equal(governor.endpoints("shop.v1.Stock"), stock);
    for (const each of [stock, cart, governor.endpoints("other.v1.S")]) each.retain(new Set(["a", "b"]));
    for (let i = 0; i < 2; i++) stock.outcome("a", false, 1, 0);
    assert.deepEqual([stock.healthy("a", 1), stock.healthy("b", 1), cart.healthy("a", 1)], [false, true, true]);
    assert.deepEqual([stock.healthy("a", 9_999), stock.healthy("a", 10_000)], [false, true]);
    const other = governor.endpoints("other.v1.S");
    for (let i = 0; i < 9; i++) other.outcome("a", false, 1, 0);
    assert.equal(other.healthy("a", 1), true);
  });

  it("keeps an ejection over a reload, and ends it with its rule", () => {
    const { governor, load } = governing(ejecting(2));
    const stock = governor.endpoints("shop.v1.Stock");
    stock.retain(new Set(["a", "b"]));
    for (let i = 0; i < 2; i++) stock.outcome("a", false, 1, 0);
    load(ejecting(3));
    assert.equal(stock.healthy("a", 1), false);
    assert.deepEqual(
      governor.state().guards.map(({ scope, state }) => [scope, state.ejected]),
      [["shop.v1.Stock/*", 1]],
    );
    load("rules: []");
    assert.equal(stock.healthy("a", 1), true);
    assert.deepEqual(governor.state().guards, []);
  });

  it("only watches in shadow", () => {
    const { governor } = governing(ejecting(2, "shadow: true,"));
    const stock = governor.endpoints("shop.v1.Stock");
    stock.retain(new Set(["a", "b"]));
    for (let i = 0; i < 2; i++) stock.outcome("a", false, 1, 0);
    assert.equal(stock.healthy("a", 1), true);
    assert.equal(governor.state().guards[0]?.state.ejected, 1);
  });

  it("opens a breaker for one instance, lets so many probes there, and closes when they succeed", () => {
    const { governor } = governing(
      "rules: [{ name: b, breaker: { per: endpoint, errorCount: 2, minimumRequests: 2, open: 5s, probes: 2 } }]",
    );
    const stock = governor.endpoints("shop.v1.Stock");
    for (let i = 0; i < 2; i++) stock.outcome("a", false, 1, 10);
    const asked = (now: number, times: number) => Array.from({ length: times }, () => stock.healthy("a", now));
    assert.deepEqual(asked(5009, 1), [false]);
    assert.equal(stock.healthy("b", 5009), true);
    assert.deepEqual(asked(5010, 3), [true, true, false]);
    // Sent before it opened, so it tells nothing of the probe.
    stock.outcome("a", true, 5000, 5011);
    assert.deepEqual(asked(5012, 1), [false]);
    for (let i = 0; i < 2; i++) stock.outcome("a", true, 1, 5013);
    assert.deepEqual(asked(5014, 3), [true, true, true]);
  });

  it("takes back the place of a probe that was never sent", () => {
    const { governor } = governing(
      "rules: [{ name: b, breaker: { per: endpoint, errorCount: 1, minimumRequests: 1, open: 5s } }]",
    );
    const stock = governor.endpoints("shop.v1.Stock");
    stock.outcome("a", false, 1, 0);
    assert.deepEqual([stock.healthy("a", 5000), stock.healthy("a", 10_000)], [true, false]);
    assert.deepEqual([stock.healthy("a", 10_001), stock.healthy("a", 10_002)], [true, false]);
    stock.outcome("a", false, 0, 10_003);
    assert.equal(stock.healthy("a", 15_002), false);
    assert.equal(stock.healthy("a", 15_003), true);
  });

  it("names the balancer, and tells when it is another", () => {
    const { governor, load } = governing("rules: [{ name: lb, loadBalancing: round-robin }]");
    const stock = governor.endpoints("shop.v1.Stock");
    const told: (string | undefined)[] = [];
    const end = stock.onChange(() => told.push(stock.balancing?.policy));
    assert.equal(stock.balancing?.policy, "round-robin");
    load("rules: [{ name: lb, loadBalancing: round-robin }, { name: t, timeout: 1s }]");
    load("rules: [{ name: lb, loadBalancing: { policy: consistent-hash, key: tenant, subset: 3 } }]");
    load("rules: []");
    end();
    load("rules: [{ name: lb, loadBalancing: random }]");
    assert.deepEqual(told, ["consistent-hash", undefined]);
  });

  it("is refused in a rule that matches more than services", () => {
    const problems = (rules: string): string[] => {
      const result = readRules(`rules: [${rules}]`, { sections: allSections });
      return (result.problems ?? []).map((each) => problemText("test", each));
    };
    const one = (match: string, section: string) => problems(`{ name: x, match: { ${match} }, ${section} }`).join("\n");
    assert.match(one("method: Get*", "outlier: {}"), /outlier: holds for .* matches by method/);
    assert.match(one("tenant: a, labels: { x: y }", "loadBalancing: random"), /matches by tenant and labels/);
    assert.match(one("caller: a", "breaker: { per: endpoint, errorCount: 10 }"), /matches by caller/);
    assert.match(one("", "breaker: { per: endpoint, errorCount: 10, side: server }"), /leave side out/);
    assert.match(one("", "loadBalancing: { policy: random, key: user }"), /random goes by no key/);
    assert.equal(one("caller: a", "breaker: { per: method, errorCount: 10, minimumRequests: 10 }"), "");
    assert.equal(one("service: a.*", "outlier: {}"), "");
  });

  it("refuses a rule set that asks for what cannot be done for the methods that it names", () => {
    const { governor, load } = governing("rules: [{ name: good, timeout: 1s }]");
    governor.know("server", methods(EchoService));
    const bad = (method: string) =>
      `rules: [{ name: bad, match: { service: sampan.test.v1.EchoService, method: "${method}" }, limit: { rate: 1/s, per: "field:none" } }]`;
    assert.throws(() => load(bad("Unary")), /bad\/limit on sampan\.test\.v1\.EchoService\/Unary: .*no field none/);
    const { active, rejected } = governor.state();
    assert.deepEqual(active, ["good"]);
    assert.match(rejected?.why ?? "", /bad\/limit/);
    // Meant for methods that others know, perhaps.
    load(bad("U*"));
    assert.equal(governor.state().misfits.length, 1);
    assert.throws(
      () => load("rules: [{ name: s, limit: { rate: 1/s, shared: true } }]"),
      /s\/limit .*no key-value store/,
    );
  });
});
