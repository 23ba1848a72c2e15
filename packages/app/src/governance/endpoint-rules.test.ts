import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance, ResolverEvent } from "@sampan/core/ports";
import { balancers } from "@sampan/discovery";
import { allSections, balancerNames, Governor, governStack, requireRules } from "@sampan/govern";
import { bothObservers, clusterOptions, tellingResolver } from "./endpoint-rules.js";

function governing(rules: string) {
  const governor = new Governor({ stack: governStack() });
  governor.load(requireRules(`rules: [${rules}]`, "test", { sections: allSections }));
  return governor.endpoints("shop.v1.Stock");
}

const ejecting = "{ name: sick, outlier: { consecutiveFailures: 1, maxEjected: 50% } }";

test("rules know the balancers that there are", () => {
  assert.deepEqual(balancerNames, Object.keys(balancers));
});

test("a cluster is as the rules say, and as its process says without any", () => {
  const own = { zone: "a", caller: "me", balancer: "random" } as const;
  assert.deepEqual(clusterOptions(governing(""), own), own);
  const section =
    "policy: least-in-flight, subset: 5, zoneAware: false, slowStart: { window: 1m }, panicThreshold: 20%";
  assert.deepEqual(clusterOptions(governing(`{ name: lb, loadBalancing: { ${section} } }`), own), {
    zone: "",
    caller: "me",
    balancer: "least-in-flight",
    subsetSize: 5,
    slowStart: { windowMs: 60_000, from: 0.1 },
    panic: { threshold: 0.2 },
  });
});

test("what left the registry is forgotten, and an empty registry is not believed", () => {
  const rules = governing(ejecting);
  let tell: (event: ResolverEvent) => void = () => {};
  const heard: ResolverEvent[] = [];
  const inner = {
    watch(_: string, listener: (event: ResolverEvent) => void) {
      tell = listener;
      return { close() {}, refresh() {} };
    },
    close: async () => {},
  };
  tellingResolver(inner, rules).watch("shop.v1.Stock", (event) => heard.push(event));
  const instances = (...addresses: string[]) => ({ instances: addresses.map((address) => ({ address }) as Instance) });
  tell(instances("a", "b"));
  rules.outcome("a", false, 1, 0);
  assert.equal(rules.healthy("a", 1), false);
  tell(instances());
  assert.equal(rules.healthy("a", 1), false);
  tell(instances("b", "c"));
  tell(instances("a", "b"));
  assert.equal(rules.healthy("a", 1), true);
  assert.equal(heard.length, 4);
});

test("an instance must be well for the rules and for the other observer, and both are told", () => {
  const rules = governing(ejecting);
  rules.retain(new Set(["a", "b", "c"]));
  const told: string[] = [];
  const other = {
    healthy: (address: string) => address !== "b",
    outcome: (address: string) => void told.push(address),
  };
  const both = bothObservers(rules, other);
  both?.outcome("a", false, 1, 0);
  assert.deepEqual(
    ["a", "b", "c"].map((address) => both?.healthy(address, 1)),
    [false, false, true],
  );
  assert.deepEqual(told, ["a"]);
  assert.equal(bothObservers(rules, undefined), rules);
});
