import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Call, Code, type Method, methods, type RpcError } from "@sampan/core";
import type { Labels, Meter } from "@sampan/core/ports";
import { EchoService } from "@sampan/testkit";
import fc from "fast-check";
import { AccessErrors } from "./access-errors.js";
import { AccessGuard } from "./access-layer.js";
import { AccessDecider, type Decision, type Surroundings } from "./decide.js";
import { explainAccess } from "./explain.js";
import type { AccessPolicy, AccessRule } from "./policy.js";
import { readAccessPolicy, requireAccessPolicy } from "./read-policy.js";
import { accessPolicyText, recordedPolicy } from "./recorded-policy.js";

const mtls: Surroundings = { trustDomain: "shop.test", namespace: "shop" };
const order = "spiffe://shop.test/ns/shop/sa/order";
const reserve = "inventory.v1.InventoryService/Reserve";

function policy(
  rules: readonly (Partial<AccessRule> & Pick<AccessRule, "from" | "to">)[],
  rest: Partial<AccessPolicy> = {},
): AccessPolicy {
  return {
    mode: "enforce",
    default: "deny",
    ...rest,
    rules: rules.map((rule, index) => ({ name: `r${index}`, action: "allow", mode: "enforce", ...rule })),
  };
}

const decide = (given: AccessPolicy, identity: string, method = reserve, where = mtls): Decision =>
  new AccessDecider(given, where).decide(identity, method);

describe("a decision", () => {
  test("is deny when nothing allows it, and names the rule that does", () => {
    assert.deepEqual(decide(policy([{ from: ["cart"], to: ["*"] }]), order), {
      allowed: false,
      rule: "",
      because: "no rule allows it",
      shadow: undefined,
    });
    assert.equal(decide(policy([{ from: ["order"], to: [reserve] }]), order).rule, "r0");
    assert.equal(decide(policy([{ from: ["cart"], to: ["*"] }], { default: "allow" }), order).allowed, true);
  });

  test("a deny wins over every allow, wherever it stands", () => {
    const rules = [
      { from: ["*"], to: ["*"] },
      { from: ["order"], to: [reserve], action: "deny" as const },
    ];
    for (const given of [rules, [...rules].reverse()]) assert.equal(decide(policy(given), order).allowed, false);
    assert.equal(decide(policy(rules), "spiffe://shop.test/ns/shop/sa/cart").allowed, true);
  });

  for (const [pattern, identity, matches] of [
    ["order", order, true],
    ["order", "order", true],
    ["order", "", false],
    ["order", "spiffe://shop.test/ns/other/sa/order", false],
    ["order", "spiffe://other.test/ns/shop/sa/order", false],
    ["order", `${order}/x`, false],
    ["*", order, true],
    ["*", "", false],
    ["anyone", "", true],
    ["anyone", order, true],
    [order, order, true],
    [order, `${order}2`, false],
    ["spiffe://shop.test/ns/*/sa/order", "spiffe://shop.test/ns/x/sa/order", true],
    ["spiffe://shop.test/ns/*/sa/order", "spiffe://shop.test/ns/x/y/sa/order", false],
    ["spiffe://shop.test/ns/shop/sa/*", order, true],
    ["spiffe://shop.test/*", order, false],
  ] as const) {
    test(`${pattern} ${matches ? "is" : "is not"} ${identity === "" ? "an unknown caller" : identity}`, () => {
      assert.equal(decide(policy([{ from: [pattern], to: ["*"] }]), identity).allowed, matches);
    });
  }

  for (const [pattern, method, matches] of [
    [reserve, reserve, true],
    [reserve, `${reserve}All`, false],
    ["inventory.v1.InventoryService/*", reserve, true],
    ["inventory.v1.Inventory/*", reserve, false],
    ["inventory.v1.InventoryService/*", "inventory.v1.InventoryService2/Reserve", false],
    ["*", reserve, true],
  ] as const) {
    test(`${pattern} ${matches ? "holds" : "does not hold"} for ${method}`, () => {
      assert.equal(decide(policy([{ from: ["*"], to: [pattern] }]), order, method).allowed, matches);
    });
  }
});

describe("shadow", () => {
  test("a policy in shadow denies nothing and says what it would deny", () => {
    const decision = decide(policy([{ from: ["cart"], to: ["*"] }], { mode: "shadow" }), order);
    assert.deepEqual([decision.allowed, decision.shadow], [true, { allowed: false, rule: "" }]);
  });

  test("a rule in shadow decides nothing and says what it would change", () => {
    const shadow = { from: ["order"], to: [reserve], mode: "shadow" as const };
    assert.deepEqual(decide(policy([shadow]), order), {
      allowed: false,
      rule: "",
      because: "no rule allows it",
      shadow: { allowed: true, rule: "r0" },
    });
    const deny = decide(
      policy([
        { from: ["*"], to: ["*"] },
        { ...shadow, action: "deny" },
      ]),
      order,
    );
    assert.deepEqual([deny.allowed, deny.shadow], [true, { allowed: false, rule: "r1" }]);
    assert.equal(decide(policy([{ from: ["*"], to: ["*"] }, shadow]), order).shadow, undefined);
  });
});

test("explain says of each rule what it has to do with the call", () => {
  const given = policy([
    { from: ["cart"], to: ["a.B/C"] },
    { from: ["order"], to: ["a.B/C"] },
    { from: ["cart"], to: [reserve] },
    { from: ["order"], to: [reserve] },
  ]);
  const { decision, rules } = explainAccess(given, mtls, order, `/${reserve}`);
  assert.equal(decision.rule, "r3");
  assert.deepEqual(
    rules.map(({ matches, why }) => [matches, why]),
    [
      [false, "it is about other callers and methods"],
      [false, "it is about other methods"],
      [false, "it is about other callers"],
      [true, "caller and method match"],
    ],
  );
});

describe("a document", () => {
  test("is read with its defaults", () => {
    const text = `rules:\n  - name: order-reserves\n    from: [order]\n    to: [${reserve}]\n`;
    assert.deepEqual(readAccessPolicy(text).policy, {
      mode: "enforce",
      default: "deny",
      rules: [{ name: "order-reserves", action: "allow", mode: "enforce", from: ["order"], to: [reserve] }],
    });
  });

  for (const [what, text, line, column, why] of [
    ["nothing", "", 1, 1, /must be a map/],
    ["a list", "[]", 1, 1, /must be a map/],
    ["YAML that is none", "rules: [", 1, 9, /./],
    ["no rules", "mode: shadow", 1, 1, /rules must be a list/],
    ["empty rules", "rules: []", 1, 8, /rules must be a list/],
    ["a field that nobody knows", "rules: [{name: a, from: [b], too: [c.D/E], to: [c.D/E]}]", 1, 30, /too is no field/],
    ["a mode that there is not", "mode: dry\nrules: [{name: a, from: [b], to: ['*']}]", 1, 7, /enforce or shadow/],
    ["a rule without a name", "rules:\n  - from: [b]\n    to: ['*']", 2, 5, /name must be a text/],
    [
      "two rules of one name",
      "rules:\n  - {name: a, from: [b], to: ['*']}\n  - {name: a, from: [b], to: ['*']}",
      3,
      12,
      /two rules are named a/,
    ],
    ["no callers", "rules: [{name: a, to: ['*']}]", 1, 9, /from must be a list/],
    ["a caller that can be nobody", "rules: [{name: a, from: [Order], to: ['*']}]", 1, 26, /name of a service/],
    ["a SPIFFE id that is none", "rules: [{name: a, from: ['spiffe://Shop/x'], to: ['*']}]", 1, 26, /trust domain/],
    ["a SPIFFE id of an authority", "rules: [{name: a, from: ['spiffe://shop'], to: ['*']}]", 1, 26, /path/],
    ["a method with a slash in front", "rules: [{name: a, from: [b], to: [/c.D/E]}]", 1, 35, /write a method/],
    ["a star within a name", "rules: [{name: a, from: [b], to: [c.*/E]}]", 1, 35, /write a method/],
    ["a number for a method", "rules: [{name: a, from: [b], to: [7]}]", 1, 35, /to must be a text/],
    ["an alias", "rules: [{name: a, from: &x [b], to: *x}]", 1, 37, /to must be a list/],
  ] as const) {
    test(`is refused for ${what}, where it is`, () => {
      const [problem] = readAccessPolicy(text).problems ?? [];
      assert.deepEqual([problem?.line, problem?.column], [line, column], JSON.stringify(problem));
      assert.match(problem?.why ?? "", why);
    });
  }

  test("has limits that hold from both sides", () => {
    const rule = (i: number): string => `  - {name: r${i}, from: [a], to: ['*']}\n`;
    const rules = (count: number): string => `rules:\n${Array.from({ length: count }, (_, i) => rule(i)).join("")}`;
    assert.equal(readAccessPolicy(rules(1000)).policy?.rules.length, 1000);
    assert.match(readAccessPolicy(rules(1001)).problems?.[0]?.why ?? "", /more than 1000/);
    assert.match(readAccessPolicy(" ".repeat(1024 * 1024 + 1)).problems?.[0]?.why ?? "", /bytes/);
    assert.doesNotThrow(() => readAccessPolicy("[".repeat(100_000)));
  });

  test("that is wrong is refused whole, with every problem on its line", () => {
    assert.throws(
      () => requireAccessPolicy("mode: dry\nrules: []", "access.yaml"),
      (error: RpcError) =>
        AccessErrors.POLICY_INVALID.is(error) && /access\.yaml:1:7: .*\naccess\.yaml:2:8: /.test(error.message),
    );
  });

  test("written from a policy is read back as the same", () => {
    const rule = fc.record({
      action: fc.constantFrom("allow" as const, "deny" as const),
      mode: fc.constantFrom("enforce" as const, "shadow" as const),
      from: fc.array(fc.constantFrom("order", "*", "anyone", order, "no", "true", "spiffe://a/*"), {
        minLength: 1,
        maxLength: 3,
      }),
      to: fc.array(fc.constantFrom("*", reserve, "a.B/*"), { minLength: 1, maxLength: 3 }),
    });
    const rest = fc.record({
      mode: fc.constantFrom("enforce" as const, "shadow" as const),
      default: fc.constantFrom("allow" as const, "deny" as const),
    });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), rest, (rules, others) => {
        const given = policy(rules, others);
        assert.deepEqual(readAccessPolicy(accessPolicyText(given)), { policy: given });
      }),
    );
  });

  test("whatever is written, reading gives a policy or problems", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { policy: read, problems } = readAccessPolicy(text);
        assert.equal(read === undefined, (problems?.length ?? 0) > 0);
      }),
    );
  });
});

test("a recorded policy allows what was seen and nothing else", () => {
  const seen = [
    { from: "order", to: reserve },
    { from: "gateway", to: "order.v1.OrderService/CreateOrder" },
    { from: "order", to: reserve },
  ];
  const given = recordedPolicy(seen);
  assert.deepEqual(
    given.rules.map(({ name, to }) => [name, to]),
    [
      ["gateway-calls", ["order.v1.OrderService/CreateOrder"]],
      ["order-calls", [reserve]],
    ],
  );
  assert.equal(decide(given, order).allowed, true);
  assert.equal(decide(given, "gateway").allowed, false);
});

/** A call of EchoService/Unary that comes to the layer. */
async function calls(guard: AccessGuard, identity: string, address = "memory"): Promise<unknown> {
  const [unary] = methods(EchoService);
  return guard.layer(() => "passed", unary as Method)({}, { peer: { identity, address } } as Call);
}

describe("the layer", () => {
  const allowEcho = policy([{ from: ["order"], to: ["sampan.test.v1.EchoService/*"] }]);
  const denied = (error: unknown): boolean =>
    AccessErrors.ACCESS_DENIED.is(error) && (error as RpcError).code === Code.PermissionDenied;

  test("lets through what is allowed and refuses the rest: the operator hears why, the caller does not", async () => {
    const heard: string[] = [];
    const guard = new AccessGuard({
      policy: allowEcho,
      surroundings: mtls,
      denied: (identity, method, { because }) => heard.push(`${identity} ${method}: ${because}`),
    });
    assert.equal(await calls(guard, "order"), "passed");
    await assert.rejects(
      calls(guard, "cart"),
      (error: Error) =>
        denied(error) &&
        /does not let this caller call sampan\.test\.v1\.EchoService\/Unary$/.test(error.message) &&
        !/cart|rule|spiffe/.test(`${error.message}${JSON.stringify((error as RpcError).info?.metadata)}`),
    );
    assert.deepEqual(heard, ["cart sampan.test.v1.EchoService/Unary: no rule allows it"]);
  });

  test("believes a name from this process, and from outside a certificate only", async () => {
    const guard = new AccessGuard({ policy: allowEcho, surroundings: mtls });
    await calls(guard, order, "ipv4:10.0.0.1:5");
    await assert.rejects(calls(guard, "order", "ipv4:10.0.0.1:5"), denied);
    const plain = new AccessGuard({ policy: allowEcho, surroundings: { trustDomain: "", namespace: "" } });
    await calls(plain, "order", "ipv4:10.0.0.1:5");
  });

  test("takes a new policy with the next call, also for callers that were here before", async () => {
    const guard = new AccessGuard({ policy: allowEcho, surroundings: mtls });
    const [method] = methods(EchoService) as [never];
    let passed = 0;
    const handler = guard.layer(() => passed++, method);
    const call = { peer: { identity: order, address: "" } } as never;
    handler({}, call);
    handler({}, call);
    guard.replace(policy([{ from: ["cart"], to: ["*"] }]));
    assert.throws(() => handler({}, call), denied);
    assert.equal(passed, 2);
  });

  test("counts refusals, and what shadow would change", async () => {
    const counts = new Map<string, number>();
    const meter = {
      counter: ({ name }: { name: string }, labels: Labels = {}) => ({
        add: () =>
          counts.set(
            `${name} ${labels.would ?? ""}`.trim(),
            (counts.get(`${name} ${labels.would ?? ""}`.trim()) ?? 0) + 1,
          ),
      }),
    } as unknown as Meter;
    await assert.rejects(calls(new AccessGuard({ policy: allowEcho, surroundings: mtls, meter }), "cart"));
    let heard = 0;
    const shadow = new AccessGuard({
      policy: { ...allowEcho, mode: "shadow" },
      surroundings: mtls,
      meter,
      denied: () => heard++,
    });
    await calls(shadow, "cart");
    assert.deepEqual(
      [...counts],
      [
        ["sampan_access_denied_total", 1],
        ["sampan_access_shadow_total deny", 1],
      ],
    );
    assert.equal(heard, 1);
  });
});
