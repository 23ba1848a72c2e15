import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { isRetryable, MiniProgramErrors } from "../../errors.js";
import type { PayProvider } from "../../pay.js";
import { standinConfiguration } from "../../standin/index.js";
import { rejectsWith, startWorld, type World } from "../../standin/world.fixture.js";
import { wechatProvider } from "../provider.js";

/** Where nobody listens. */
const nowhere = "http://127.0.0.1:1";

function merchant(t: TestContext, world: World, urls: readonly string[], retryWaitsMs: readonly number[]): PayProvider {
  const configuration = standinConfiguration(world.keys, world.standin.url);
  const pay = { ...configuration.pay, urls, retryWaitsMs };
  const provider = wechatProvider({ ...configuration, pay }, { clock: world.clock });
  t.after(() => provider.close());
  return provider.pay ?? assert.fail();
}

/** A host that takes requests and breaks the connection; counts them. */
async function brokenHost(t: TestContext): Promise<{ url: string; requests: number }> {
  const host = { url: "", requests: 0 };
  const server = createServer((request) => {
    host.requests++;
    request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return host;
}

test("the backup host is used when nothing could be sent to the first", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  const pay = merchant(t, world, [nowhere, world.standin.url], []);
  assert.equal((await pay.query(order.outTradeNo, world.call())).state, "unpaid");
  const none = merchant(t, world, [nowhere, nowhere], []);
  await rejectsWith(none.query(order.outTradeNo, world.call()), MiniProgramErrors.PLATFORM_UNREACHABLE);
});

test("without an answer the backup host gets what may be repeated, signed anew, and takes it once", async (t) => {
  const world = await startWorld(t);
  const broken = await brokenHost(t);
  const pay = merchant(t, world, [broken.url, world.standin.url], []);
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  const refund = { ...order, outRefundNo: "hosts-1", amount: 1n, total: 1200n };
  assert.equal((await pay.refund(refund, world.call())).state, "succeeded");
  assert.equal(broken.requests, 1);
  // The first host took it, and its answer was lost: the platform knows the number, and refunds nothing twice.
  await world.control("faults", { kind: "drop-after", path: "/v3/refund" });
  await world.clock.advance(60_000);
  const second = { ...refund, outRefundNo: "hosts-2" };
  const both = merchant(t, world, [world.standin.url, world.standin.url], []);
  assert.equal((await both.refund(second, world.call())).state, "succeeded");
  const seen = await world.control(`orders/${order.outTradeNo}`);
  assert.equal((seen.refunds as unknown[]).length, 2);
});

test("a busy platform is asked again, after a wait that its caller can end", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  const pay = merchant(t, world, [world.standin.url], [200, 1000]);
  await world.control("faults", { kind: "busy", times: 2 });
  const query = pay.query(order.outTradeNo, world.call());
  let answered = false;
  void query.then(() => (answered = true));
  await advanceUntil(world, () => answered);
  assert.equal((await query).state, "unpaid");

  await world.control("faults", { kind: "busy", times: 3 });
  const busy = pay.query(order.outTradeNo, world.call()).catch((error: unknown) => error);
  let failed: unknown;
  void busy.then((error) => (failed = error));
  await advanceUntil(world, () => failed !== undefined);
  assert.ok(MiniProgramErrors.PLATFORM_BUSY.is(failed) && isRetryable(failed));

  await world.control("faults", { kind: "rate-limited", times: 1 });
  await rejectsWith(pay.query(order.outTradeNo, world.call()), MiniProgramErrors.RATE_LIMITED);
  // A call that ends before the wait does is told what happened, not that its time is over.
  await world.control("faults", { kind: "busy", times: 1 });
  await rejectsWith(pay.query(order.outTradeNo, world.call(50)), MiniProgramErrors.PLATFORM_BUSY);
  assert.equal((await pay.query(order.outTradeNo, world.call())).state, "unpaid");
});

/** Lets the network have its turns between small steps of the clock. */
async function advanceUntil(world: World, done: () => boolean): Promise<void> {
  for (let step = 0; step < 400 && !done(); step++) {
    await world.control("orders");
    await world.clock.advance(10);
  }
  assert.ok(done());
}
