import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { silentLogger } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import { HttpEndpoint } from "../../http-endpoint.js";
import type { PayProvider } from "../../pay.js";
import { SecretText } from "../../secret-text.js";
import { type StandinKeys, standinConfiguration } from "../../standin/index.js";
import { type Received, rejectsWith, startWorld, type World } from "../../standin/world.fixture.js";
import { wechatProvider } from "../provider.js";
import { payKeys, type WeChatPayConfiguration } from "./pay-configuration.js";
import { PlatformCertificates } from "./platform-certificates.js";
import { SignedRequests } from "./signed-requests.js";

const hour = 3_600_000;

/** A merchant who knows no key of the platform, and so has to download its certificates. */
function newMerchant(t: TestContext, world: World, over: Partial<WeChatPayConfiguration> = {}): PayProvider {
  const configuration = standinConfiguration(world.keys, world.standin.url);
  const pay = { ...configuration.pay, platformPublicKeys: {}, retryWaitsMs: [], ...over };
  const provider = wechatProvider({ ...configuration, pay }, { clock: world.clock });
  t.after(() => provider.close());
  return provider.pay ?? assert.fail();
}

async function certificateWorld(t: TestContext): Promise<World> {
  const world = await startWorld(t);
  await world.control("signing", { answers: "certificate", callbacks: "certificate" });
  return world;
}

async function callback(world: World): Promise<Received> {
  const order = await orderBefore(world);
  await world.control("pay", { prepayId: order.prepayId });
  return world.merchant.received.at(-1) ?? assert.fail();
}

/** By the world's own merchant, who knows no certificate that was made later. */
async function orderBefore(world: World) {
  await world.control("signing", { answers: "public-key" });
  const order = await world.order();
  await world.control("signing", { answers: "certificate" });
  return order;
}

/** The next download fails: whether there was one shows in the answer. */
async function failDownload(world: World): Promise<void> {
  await world.control("faults", { kind: "busy", path: "/v3/certificates" });
}

test("a certificate that is not known is downloaded, once for all who wait", async (t) => {
  const world = await certificateWorld(t);
  const pay = newMerchant(t, world);
  const order = await orderBefore(world);
  // Of ten queries that need the certificate, all fail with the one download that fails.
  await failDownload(world);
  const query = () => pay.query(order.outTradeNo, world.call());
  for (const outcome of await Promise.allSettled(Array.from({ length: 10 }, query))) {
    assert.equal(outcome.status, "rejected");
  }
  await world.clock.advance(60_000);
  for (const transaction of await Promise.all(Array.from({ length: 10 }, query))) {
    assert.equal(transaction.state, "unpaid");
  }
  await failDownload(world);
  assert.equal((await pay.verifyCallback(await callback(world))).kind, "payment");
});

test("during a rotation both certificates are known, and each is taken in its time", async (t) => {
  const world = await certificateWorld(t);
  const pay = newMerchant(t, world);
  const before = await callback(world);
  await pay.verifyCallback(before);
  const { serial } = await world.control("platform-certificates", { effectiveInMs: 2 * hour }, 201);
  await world.clock.advance(2 * hour);
  const after = await callback(world);
  assert.equal(after.headers["wechatpay-serial"], serial);
  assert.notEqual(before.headers["wechatpay-serial"], serial);
  await pay.verifyCallback(after);
  const order = await orderBefore(world);
  await pay.query(order.outTradeNo, world.call());
});

test("certificates are asked for again after twelve hours, before the old ones end, while those go on", async (t) => {
  const world = await certificateWorld(t);
  const { keys, clock, standin } = world;
  const pay = { ...standinConfiguration(keys, standin.url).pay, platformPublicKeys: {}, retryWaitsMs: [] };
  const parsed = payKeys(keys.appId, pay, []) ?? assert.fail();
  const endpoint = new HttpEndpoint({ url: standin.url, maxSockets: 4, timeoutMs: 5000, clock });
  t.after(() => endpoint.close());
  const requests = new SignedRequests([{ origin: standin.url, endpoint }], parsed, clock);
  const sent: Promise<unknown>[] = [];
  const send: SignedRequests["send"] = (...given) => {
    const answer = requests.send(...given);
    sent.push(answer);
    return answer;
  };
  const certificates = new PlatformCertificates({ send }, parsed, new SecretText([]), clock, silentLogger);

  const first = keys.platform[1]?.serial ?? "";
  assert.ok(await certificates.find(first));
  const next = await world.control("platform-certificates", { effectiveInMs: 13 * hour }, 201);
  await clock.advance(12 * hour - 1);
  assert.ok(await certificates.find(first));
  assert.equal(sent.length, 1);
  await clock.advance(1);
  assert.ok(await certificates.find(first));
  assert.equal(sent.length, 2);
  await Promise.all(sent);
  await clock.advance(hour - 1);
  await failDownload(world);
  assert.equal(await certificates.find(String(next.serial)).catch(() => undefined), undefined);
  await clock.advance(1);
  assert.ok(await certificates.find(String(next.serial)));
  assert.ok(await certificates.find(first));
  assert.equal(sent.length, 3);
});

test("a certificate that has expired is not believed any more", async (t) => {
  const world = await certificateWorld(t);
  const pay = newMerchant(t, world);
  const { serial } = await world.control("platform-certificates", { lifeMs: hour }, 201);
  await pay.verifyCallback(await callback(world));
  const last = await callback(world);
  assert.equal(last.headers["wechatpay-serial"], serial);
  await world.clock.advance(hour - 1000);
  const onTime = await callback(world);
  assert.equal(onTime.headers["wechatpay-serial"], serial);
  await world.clock.advance(999);
  await pay.verifyCallback(onTime);
  const another = await callback(world);
  await world.clock.advance(1);
  await rejectsWith(pay.verifyCallback(another), MiniProgramErrors.CALLBACK_UNKNOWN_SERIAL);
});

test("made-up serials cause one download a minute at most", async (t) => {
  const world = await certificateWorld(t);
  const pay = newMerchant(t, world);
  const real = await callback(world);
  await pay.verifyCallback(real);
  const forged = (serial: string): Received => ({ ...real, headers: { ...real.headers, "wechatpay-serial": serial } });
  const unknown = MiniProgramErrors.CALLBACK_UNKNOWN_SERIAL;
  await failDownload(world);
  for (let index = 0; index < 20; index++) await rejectsWith(pay.verifyCallback(forged(`AB${index}`)), unknown);
  await world.clock.advance(59_999);
  await rejectsWith(pay.verifyCallback(forged("AB")), unknown);
  await world.clock.advance(1);
  // Now it is asked for again, which fails; and for a minute nothing more is.
  await rejectsWith(pay.verifyCallback(forged("AB")), MiniProgramErrors.PLATFORM_BUSY);
  await rejectsWith(pay.verifyCallback(forged("AB")), unknown);
  // A public key id is no certificate: nothing is asked for.
  await world.clock.advance(60_000);
  await failDownload(world);
  await rejectsWith(pay.verifyCallback(forged("PUB_KEY_ID_0")), unknown);
});

test("certificates that do not decrypt, or whose answer is not signed well, are not taken", async (t) => {
  const world = await certificateWorld(t);
  const order = await orderBefore(world);
  const wrongKey = newMerchant(t, world, { apiV3Key: "x".repeat(32) });
  await rejectsWith(wrongKey.query(order.outTradeNo, world.call()), MiniProgramErrors.PLATFORM_ANSWER_INVALID);
  for (const kind of ["forged", "unsigned"]) {
    const pay = newMerchant(t, world);
    await world.control("faults", { kind, path: "/v3/certificates" });
    await rejectsWith(pay.query(order.outTradeNo, world.call()), MiniProgramErrors.PLATFORM_ANSWER_FORGED);
  }
});

test("the public key and the certificates are both known while a merchant migrates", async (t) => {
  const world = await startWorld(t);
  const [publicKey] = world.keys.platform as [StandinKeys["platform"][number]];
  const pay = newMerchant(t, world, {
    platformPublicKeys: { [publicKey.serial]: publicKey.publicKey },
    downloadCertificates: true,
  });
  await world.control("signing", { callbacks: "alternate" });
  const callbacks = [await callback(world), await callback(world), await callback(world)];
  const serials = callbacks.map(({ headers }) => String(headers["wechatpay-serial"]).startsWith("PUB_KEY_ID_"));
  assert.deepEqual(serials, [true, false, true]);
  for (const received of callbacks) await pay.verifyCallback(received);
  const order = await world.order();
  for (const answers of ["asked", "public-key", "certificate"]) {
    await world.control("signing", { answers });
    assert.equal((await pay.query(order.outTradeNo, world.call())).state, "unpaid");
  }
});

test("a merchant whom the platform gives a public key only has no certificates", async (t) => {
  const world = await startWorld(t);
  await world.control("signing", { answers: "certificate", certificates: false });
  await rejectsWith(newMerchant(t, world).query("never-was", world.call()), MiniProgramErrors.PAY_NOT_FOUND);
});
