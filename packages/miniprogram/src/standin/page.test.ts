import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { startWorld, type World } from "./world.fixture.js";

async function page(world: World): Promise<string> {
  return (await fetch(`${world.standin.url}/`)).text();
}

/** By `node:http`, as `fetch` sets some of these headers itself. */
function press(
  world: World,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; location: string | undefined; body: string }> {
  const body = new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const sent = request(`${world.standin.url}/pay`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", "content-length": body.length, ...headers },
    });
    sent.on("error", reject);
    sent.on("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: text });
    });
    sent.end(body);
  });
}

test("a person sees what is to be paid, and pays it", async (t) => {
  const world = await startWorld(t);
  const order = await world.order({ amount: 5n });
  const before = await page(world);
  assert.match(before, /To pay \(1\)/);
  assert.match(before, /0\.05 CNY/);
  assert.ok(before.includes(order.prepayId) && before.includes(order.outTradeNo));

  const own = { origin: world.standin.url, "sec-fetch-site": "same-origin" };
  assert.equal((await press(world, { prepay_id: order.prepayId, answer: "refuse" }, own)).status, 303);
  assert.match(await page(world), /To pay \(1\)[\s\S]*refused 1 times/);
  assert.equal((await press(world, { prepay_id: order.prepayId, answer: "pay" }, own)).location, "/");
  assert.match(await page(world), /To pay \(0\)[\s\S]*expired \(1\)[\s\S]*SUCCESS<td>200 \(1\)/);
  const again = await press(world, { prepay_id: order.prepayId, answer: "pay" }, own);
  assert.equal(again.status, 409);
  assert.match(again.body, /paid already/);
  assert.equal(world.merchant.received.length, 1);
});

test("the page shows a callback that nobody takes, refunds, and orders whose time is over", async (t) => {
  const world = await startWorld(t, { rules: { refundSettleMs: 1000 } });
  world.merchant.status = 500;
  const order = await world.order();
  await press(world, { prepay_id: order.prepayId, answer: "pay" });
  assert.match(await page(world), /500 \(1\), again \d{4}-/);
  await world.pay.refund({ ...order, outRefundNo: "page-1", amount: 200n, total: 1200n }, world.call());
  assert.match(await page(world), /REFUND[\s\S]*2\.00 CNY PROCESSING/);
  await world.clock.advance(1000);
  assert.match(await page(world), /2\.00 CNY SUCCESS/);
  await world.order({ outTradeNo: "page-late" });
  await world.control("orders/page-late/expire", {});
  assert.match(await page(world), /To pay \(0\)[\s\S]*page-late<td>EXPIRED/);
});

test("what a merchant wrote is text on the page, never markup", async (t) => {
  const world = await startWorld(t);
  const description = `<script>alert(1)</script><b onclick="x">"tea' & 'milk'`;
  const order = await world.order({ description });
  for (const state of ["NOTPAY", "SUCCESS"]) {
    const text = await page(world);
    assert.equal(/<script|<b onclick|tea'/.test(text), false, state);
    assert.ok(text.includes("&#60;script&#62;alert(1)&#60;/script&#62;"), state);
    await world.control("pay", { prepayId: order.prepayId }, state === "NOTPAY" ? 200 : 409);
  }
  const policy = (await fetch(`${world.standin.url}/`)).headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
});

test("a foreign web page cannot press Pay, nor use the control requests", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  const form = { prepay_id: order.prepayId, answer: "pay" };
  const port = new URL(world.standin.url).port;
  for (const headers of [
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
    // Another port of this machine is another page.
    { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site" },
    // A name of the attacker's that points here: same origin, but not ours.
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}`, "sec-fetch-site": "same-origin" },
  ]) {
    assert.equal((await press(world, form, headers)).status, 403, JSON.stringify(headers));
  }
  const expire = await fetch(`${world.standin.url}/_control/orders/${order.outTradeNo}/expire`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
  });
  assert.equal(expire.status, 403);
  assert.equal((await world.control(`orders/${order.outTradeNo}`)).state, "NOTPAY");
  for (const host of [`localhost:${port}`, `standin:${port}`, `[::1]:${port}`]) {
    const answer = await press(world, { ...form, answer: "refuse" }, { host, origin: `http://${host}` });
    assert.equal(answer.status, 303, host);
  }
});
