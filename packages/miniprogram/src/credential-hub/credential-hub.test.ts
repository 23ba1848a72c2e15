import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logger } from "@sampan/core/ports";
import { MiniProgramErrors } from "../errors.js";
import { FlakyStore, hubWorld, tokenLifeMs } from "./hub.fixture.js";

const busy = () => MiniProgramErrors.PLATFORM_BUSY({ platform_code: "-1" });

test("however many ask at once, the platform is asked once", async () => {
  const { clock, platform, hub, call } = hubWorld();
  platform.delayMs = 50;
  const one = hub();
  const waiting = Promise.all(Array.from({ length: 50 }, () => one.get(call())));
  await clock.advance(50);
  assert.deepEqual(new Set(await waiting), new Set(["token 1"]));
  assert.equal(await one.get(call()), "token 1");
  assert.equal(platform.fetches.length, 1);
});

test("of several instances one asks, and the others wait for what it shares", async () => {
  const { clock, platform, hub, call } = hubWorld();
  platform.delayMs = 900;
  const asked = Promise.all(Array.from({ length: 8 }, () => hub().get(call())));
  await clock.advance(1_000);
  assert.deepEqual(new Set(await asked), new Set(["token 1"]));
  assert.equal(await hub().get(call()), "token 1");
  assert.equal(platform.fetches.length, 1);
});

test("in its last five minutes a token is renewed while it is still used", async () => {
  const { clock, platform, hub, call } = hubWorld();
  const one = hub();
  await one.get(call());
  await clock.advance(tokenLifeMs - 300_001);
  assert.equal(await one.get(call()), "token 1");
  await clock.advance(0);
  assert.equal(platform.fetches.length, 1);
  await clock.advance(1);
  platform.delayMs = 1_000;
  assert.equal(await one.get(call()), "token 1");
  assert.equal(await one.get(call()), "token 1");
  await clock.advance(1_000);
  assert.equal(await one.get(call()), "token 2");
  assert.equal(platform.fetches.length, 2);
});

test("an early renewal that fails leaves the old token, and is tried again after a while, not at every use", async () => {
  const { clock, hub, call } = hubWorld();
  const one = hub();
  await one.get(call());
  await clock.advance(tokenLifeMs - 200_000);
  let tries = 0;
  const renewing = hub({
    fetch: async () => {
      tries++;
      throw busy();
    },
  });
  assert.equal(await renewing.get(call()), "token 1");
  for (let i = 0; i < 5; i++) {
    assert.equal(await renewing.get(call()), "token 1");
    await clock.advance(0);
  }
  assert.equal(tries, 1);
  await clock.advance(10_000);
  await renewing.get(call());
  await clock.advance(0);
  assert.equal(tries, 2);
  await clock.advance(160_000);
  await assert.rejects(renewing.get(call()), /cannot answer now/);
});

test("one caller's abort does not fail the others", async () => {
  const { clock, platform, hub, call } = hubWorld();
  platform.delayMs = 50;
  const one = hub();
  const impatient = call();
  const [aborted, patient] = [one.get(impatient), one.get(call())];
  impatient.abort();
  await assert.rejects(aborted, /was cancelled/);
  await clock.advance(50);
  assert.equal(await patient, "token 1");
});

test("a failed fetch is not remembered, and the next instance takes its turn", async () => {
  const { clock, platform, hub, call } = hubWorld();
  platform.failure = busy();
  const one = hub();
  await assert.rejects(one.get(call()), /cannot answer now/);
  platform.failure = undefined;
  await clock.advance(0);
  assert.equal(await hub().get(call()), "token 1");
  assert.equal(await one.get(call()), "token 1");
  assert.equal(platform.fetches.length, 1);
});

test("an instance that died while it fetched holds the others up for its lease, no longer", async () => {
  const { clock, platform, hub, call } = hubWorld();
  const dead = hub({ fetch: () => new Promise(() => {}), rules: { leaseMs: 2_000 } });
  void dead.get(call());
  await clock.advance(0);
  const alive = hub({ rules: { leaseMs: 2_000 } }).get(call());
  await clock.advance(1_900);
  assert.equal(platform.fetches.length, 0);
  await clock.advance(200);
  assert.equal(await alive, "token 1");
});

test("a refused token is replaced once for all instances: by what another fetched, else by force", async () => {
  const { clock, platform, hub, call } = hubWorld();
  const [one, two] = [hub(), hub()];
  const first = await one.get(call());
  assert.equal(await two.get(call()), first);
  one.refuse(first);
  one.refuse("an older one");
  const second = await one.get(call());
  assert.notEqual(second, first);
  assert.deepEqual(platform.fetches, [
    { force: false, value: first },
    { force: false, value: first },
    { force: true, value: second },
  ]);
  two.refuse(first);
  assert.equal(await two.get(call()), second);
  assert.equal(platform.fetches.length, 3);
  await clock.advance(0);
});

test("forced renewals are rationed over all instances: apart, and so many a day", async () => {
  const { clock, hub, call, platform } = hubWorld();
  const instances = [hub({ rules: { forcedPerDay: 3 } }), hub({ rules: { forcedPerDay: 3 } })] as const;
  const forced = () => platform.fetches.filter(({ force }) => force).length;
  const refuseAndGet = async (i: 0 | 1): Promise<string> => {
    instances[i].refuse(await instances[i].get(call()));
    return instances[i].get(call());
  };
  await refuseAndGet(0);
  await assert.rejects(refuseAndGet(1), (error) => MiniProgramErrors.RATE_LIMITED.is(error));
  await clock.advance(29_999);
  await assert.rejects(instances[1].get(call()), (error) => MiniProgramErrors.RATE_LIMITED.is(error));
  await clock.advance(30_000);
  await instances[1].get(call());
  await clock.advance(30_000);
  await refuseAndGet(1);
  assert.equal(forced(), 3);
  await clock.advance(30_000);
  // The token it had was replaced long ago: it takes what the other one fetched, by no force.
  await refuseAndGet(0);
  await assert.rejects(refuseAndGet(0), (error) => MiniProgramErrors.RATE_LIMITED.is(error));
  assert.equal(forced(), 3);
  await clock.advance(86_400_000);
  await instances[0].get(call());
});

for (const state of ["rejects", "hangs"] as const) {
  test(`a store that ${state} is done without: each instance asks, and gets the same token`, async () => {
    const { clock, platform, store, hub, call } = hubWorld();
    const flaky = new FlakyStore(store);
    flaky.state = state;
    const lines: string[] = [];
    const line = (message: string): void => void lines.push(message);
    const logger: Logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
    const [one, two] = [hub({ store: flaky, logger }), hub({ store: flaky })];
    const asked = Promise.all([one.get(call()), two.get(call())]);
    await clock.advance(2_000);
    assert.deepEqual(await asked, ["token 1", "token 1"]);
    assert.equal(platform.fetches.length, 2);
    const refused = one.refuse("token 1");
    assert.equal(refused, undefined);
    const next = one.get(call());
    await clock.advance(5_000);
    assert.equal(await next, "token 2");
    flaky.state = "here";
    await clock.advance(tokenLifeMs);
    await one.get(call());
    assert.deepEqual(lines, [
      "the shared store is away; this instance fetches access tokens for itself",
      "the platform gives a token that it refuses; a new one is forced",
      "the shared store is back",
    ]);
  });
}

test("what is shared tells nobody the token, and what cannot be read is replaced", async () => {
  const { platform, store, hub, call } = hubWorld();
  await hub().get(call());
  const key = "miniprogram/token/wechat/wx1";
  const record = (await store.get(key)) ?? assert.fail();
  assert.equal(Buffer.from(record).includes("token 1"), false);
  for (const change of [() => record.fill(0), () => record.subarray(0, 5), () => Buffer.alloc(0)]) {
    await store.put(key, change());
    assert.equal(await hub().get(call()), "token 1");
  }
  assert.equal(platform.fetches.length, 4);
  // A changed secret, as another app's record under this name, is no key to it.
  assert.equal(await hub({ appSecret: "another" }).get(call()), "token 1");
  assert.equal(platform.fetches.length, 5);
});
