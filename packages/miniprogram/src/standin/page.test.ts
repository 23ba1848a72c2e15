import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorld } from "./world.fixture.js";

test("a person sees what is to be paid, and pays it", async (t) => {
  const world = await startWorld(t);
  const order = await world.order({ description: `<b onclick="x">tea & 'milk'`, amount: 5n });
  const page = async (): Promise<string> => (await fetch(`${world.standin.url}/`)).text();
  const press = (answer: string): Promise<Response> =>
    fetch(`${world.standin.url}/pay`, {
      method: "POST",
      body: new URLSearchParams({ prepay_id: order.prepayId, answer }),
      redirect: "manual",
    });
  const before = await page();
  assert.match(before, /To pay \(1\)/);
  assert.match(before, /0\.05 CNY/);
  assert.ok(before.includes(order.prepayId));
  assert.equal(before.includes("<b onclick"), false);

  assert.equal((await press("refuse")).status, 303);
  assert.match(await page(), /To pay \(1\)/);
  assert.equal((await press("pay")).headers.get("location"), "/");
  assert.match(await page(), /To pay \(0\)[\s\S]*Paid \(1\)/);
  assert.equal((await press("pay")).status, 303);
  assert.equal(world.merchant.received.length, 1);
});
