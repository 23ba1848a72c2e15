import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorld } from "../world.fixture.js";

test("control requests with wrong fields change nothing and say why", async (t) => {
  const world = await startWorld(t);
  const openid = await world.user();
  const order = await world.order();
  const wrong: [string, unknown, number][] = [
    ["users", { openid: "with space" }, 400],
    ["users", { openid }, 409],
    ["login-codes", { openid: "../" }, 400],
    ["login-codes", { lifeMs: 300_001 }, 400],
    ["login-codes", { lifeMs: -1 }, 400],
    ["phone-codes", { openid, lifeMs: "soon" }, 400],
    [`users/${openid}/block`, {}, 400],
    ["users/oNobody/block", { blocked: true }, 404],
    ["subscriptions", { openid, templateId: "none" }, 404],
    ["subscriptions", { openid: "oNobody", templateId: "tpl-confirmed" }, 404],
    ["subscriptions", { openid, templateId: "tpl-confirmed", count: 0 }, 400],
    ["templates", { templateId: "t" }, 400],
    ["templates", { templateId: "t", keywords: ["Thing 1"] }, 400],
    ["pay", {}, 404],
    ["pay", { prepayId: order.prepayId, tamper: { signatur: "bad" } }, 400],
    ["pay", { prepayId: order.prepayId, tamper: { signature: "good" } }, 400],
    ["pay", { prepayId: order.prepayId, tamper: { ageSeconds: "300" } }, 400],
    ["refuse", { prepayId: "none" }, 404],
    [`orders/${order.outTradeNo}/callback`, {}, 409],
    ["orders/never-was/callback", {}, 404],
    ["faults", { kind: "fire" }, 400],
    ["faults", { kind: "busy", times: 0 }, 400],
    ["clock/advance", { ms: -1 }, 400],
    ["clock/advance", { ms: 1 }, 409],
  ];
  for (const [path, body, status] of wrong) {
    assert.ok((await world.control(path, body, status)).error, `${path} ${JSON.stringify(body)}`);
  }
  assert.equal((await world.control(`orders/${order.outTradeNo}`)).state, "NOTPAY");
  await world.control("orders/never-was", undefined, 404);
});

test("orders are listed by state", async (t) => {
  const world = await startWorld(t);
  const [paid, waiting] = [await world.order(), await world.order()];
  await world.control("pay", { prepayId: paid.prepayId });
  const numbers = async (query: string): Promise<unknown[]> =>
    (await world.control(`orders${query}`)).orders.map((order) => order.outTradeNo);
  assert.deepEqual(await numbers("?state=NOTPAY"), [waiting.outTradeNo]);
  assert.deepEqual(await numbers("?state=SUCCESS"), [paid.outTradeNo]);
  assert.equal((await numbers("")).length, 2);
});

test("a user who says no can still pay, a blocked one cannot", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  const refused = await world.control("refuse", { prepayId: order.prepayId });
  assert.equal(refused.state, "NOTPAY");
  assert.equal(refused.refusals, 1);
  await world.control(`users/${order.payerOpenid}/block`, { blocked: true });
  assert.equal((await world.control("pay", { prepayId: order.prepayId }, 409)).error, "USER_BLOCKED");
  await world.control(`users/${order.payerOpenid}/block`, { blocked: false });
  await world.control("pay", { prepayId: order.prepayId });
});

test("of many who pay the same order at once, one does", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(`${world.standin.url}/_control/pay`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ prepayId: order.prepayId }),
      }),
    ),
  );
  assert.deepEqual(
    answers
      .map(({ status }) => status)
      .sort()
      .slice(0, 2),
    [200, 409],
  );
  assert.equal(world.merchant.received.length, 1);
});
