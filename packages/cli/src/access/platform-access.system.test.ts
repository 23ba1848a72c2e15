import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AccessDecider, accessPolicyText, readAccessPolicy } from "@sampan/identity/access";
import { services } from "../platform/services.js";
import { everyMethod } from "./methods.fixture.js";
import { platformAccess } from "./platform-access.js";
import { type Played, playUnder } from "./record.fixture.js";

const policy = platformAccess(everyMethod.values());
const decider = new AccessDecider(policy, { trustDomain: "shop.test", namespace: "shop" });
const allowed = (from: string, to: string): boolean =>
  decider.decide(`spiffe://shop.test/ns/shop/sa/${from}`, to).allowed;

/** Calls as they stand in the sources: `call.to(PaymentService).charge(`. */
function callsInSources(): string[] {
  const folder = fileURLToPath(new URL("../../../../services/", import.meta.url));
  const byName = new Map(
    [...everyMethod.values()].map((method) => [`${method.service.split(".").at(-1)}.${method.localName}`, method]),
  );
  const found: string[] = [];
  for (const service of readdirSync(folder)) {
    const files = readdirSync(join(folder, service, "src"), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(name))) {
      const text = readFileSync(join(folder, service, "src", file), "utf8");
      for (const [, called, method] of text.matchAll(/\.to\((\w+Service)\)\s*\.(\w+)\(/g)) {
        const known = byName.get(`${called}.${method}`);
        if (known !== undefined) found.push(`${service} ${known.path.slice(1)}`);
      }
    }
  }
  return found;
}

describe("the platform's policy", () => {
  let played: Played;
  before(async () => {
    played = await playUnder(policy);
  });

  test("would deny no call of the journey", () => {
    assert.deepEqual(played.problems, []);
    assert.deepEqual(played.denied, []);
    assert.ok(played.seen.length > 20, String(played.seen.length));
  });

  test("allows every call that stands in the sources", () => {
    const calls = callsInSources();
    assert.ok(calls.length > 10, calls.join("\n"));
    assert.deepEqual(
      calls.filter((call) => !allowed(...(call.split(" ") as [string, string]))),
      [],
    );
  });

  test("allows nothing between services that is neither in the sources nor in the journey", () => {
    const known = new Set([...callsInSources(), ...played.seen.map(({ from, to }) => `${from} ${to}`)]);
    const unknown: string[] = [];
    for (const { name } of services) {
      if (name === "gateway") continue;
      for (const path of everyMethod.keys())
        if (allowed(name, path) && !known.has(`${name} ${path}`)) unknown.push(`${name} ${path}`);
    }
    assert.deepEqual(unknown, []);
  });

  test("notices a call that no rule allows", async () => {
    const without = { ...policy, rules: policy.rules.filter(({ name }) => name !== "payment-calls") };
    const { denied } = await playUnder(without);
    assert.ok(denied.some(({ from, to }) => from === "payment" && to === "user.v1.UserService/GetUser"));
    assert.ok(denied.every(({ from }) => from === "payment"));
  });
});

test("the gateway may call what is open to clients, and nobody else may", () => {
  assert.equal(allowed("gateway", "order.v1.OrderService/CreateOrder"), true);
  assert.equal(allowed("gateway", "inventory.v1.InventoryService/Reserve"), false);
  assert.equal(allowed("cart", "order.v1.OrderService/CreateOrder"), false);
  assert.equal(allowed("catalog", "payment.v1.PaymentService/Charge"), false);
});

test("every service may use what is shared, and a stranger may not", () => {
  for (const { name } of services) assert.equal(allowed(name, "sampan.broker.v1.BrokerService/Publish"), true, name);
  assert.equal(allowed("stranger", "sampan.broker.v1.BrokerService/Publish"), false);
});

test("the policy is a document that reads back as itself", () => {
  assert.deepEqual(readAccessPolicy(accessPolicyText(policy)), { policy: JSON.parse(JSON.stringify(policy)) });
});
