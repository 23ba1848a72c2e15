import assert from "node:assert/strict";
import { test } from "node:test";
import { Runtime, silentLogger } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { MiniProgramErrors } from "../errors.js";
import { AccessToken } from "./access-token.js";
import type { WeChatApi } from "./api.js";
import type { HttpExchange } from "./http-endpoint.js";
import { SecretText } from "./secret-text.js";

/** A platform that answers when the test says so. */
function setup() {
  const clock = createFakeClock();
  const asked: { force: boolean; answer(token: string, seconds?: number): void; fail(): void }[] = [];
  const api = {
    exchange: (exchange: HttpExchange) =>
      new Promise((resolve, reject) => {
        asked.push({
          force: JSON.parse(exchange.body ?? "").force_refresh,
          answer: (access_token, expires_in = 7200) => resolve({ access_token, expires_in }),
          fail: () => reject(MiniProgramErrors.PLATFORM_BUSY({ platform_code: "-1" })),
        });
      }),
  } as unknown as WeChatApi;
  const configuration = { appId: "wx1", appSecret: "s" };
  const token = new AccessToken(api, configuration, new SecretText([]), clock, silentLogger);
  const runtime = new Runtime({ name: "test", clock, connect: () => assert.fail() });
  const call = () => runtime.root({ name: "test", timeoutMs: 86_400_000 });
  return { clock, asked, token, call };
}

test("however many ask at once, the platform is asked once", async () => {
  const { asked, token, call } = setup();
  const waiting = Array.from({ length: 50 }, () => token.get(call()));
  assert.equal(asked.length, 1);
  asked[0]?.answer("first");
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["first"]));
  assert.equal(await token.get(call()), "first");
  assert.equal(asked.length, 1);
});

test("in its last five minutes a token is renewed while it is still used", async () => {
  const { clock, asked, token, call } = setup();
  const first = token.get(call());
  asked[0]?.answer("first");
  await first;
  await clock.advance(6_899_999);
  assert.equal(await token.get(call()), "first");
  assert.equal(asked.length, 1);
  await clock.advance(1);
  assert.equal(await token.get(call()), "first");
  assert.equal(await token.get(call()), "first");
  assert.equal(asked.length, 2);
  asked[1]?.answer("second");
  await clock.advance(0);
  assert.equal(await token.get(call()), "second");
});

test("a renewal that fails leaves the old token, until too little of it is left", async () => {
  const { clock, asked, token, call } = setup();
  const first = token.get(call());
  asked[0]?.answer("first");
  await first;
  await clock.advance(7_000_000);
  assert.equal(await token.get(call()), "first");
  asked[1]?.fail();
  await clock.advance(0);
  assert.equal(await token.get(call()), "first");
  asked[2]?.fail();
  await clock.advance(170_000);
  const waits = token.get(call());
  asked[3]?.answer("second");
  assert.equal(await waits, "second");
});

test("one caller's abort does not fail the others", async () => {
  const { asked, token, call } = setup();
  const impatient = call();
  const [aborted, patient] = [token.get(impatient), token.get(call())];
  impatient.abort();
  await assert.rejects(aborted, /was cancelled/);
  asked[0]?.answer("first");
  assert.equal(await patient, "first");
});

test("a refused token is replaced, by force when the platform gives the same again", async () => {
  const { asked, token, call } = setup();
  const first = token.get(call());
  asked[0]?.answer("first");
  token.refuse(await first);
  token.refuse("an older one");
  const second = token.get(call());
  assert.equal(asked[1]?.force, false);
  asked[1]?.answer("first");
  await new Promise(setImmediate);
  assert.equal(asked[2]?.force, true);
  asked[2]?.answer("second");
  assert.equal(await second, "second");
});

test("a failed fetch is not remembered", async () => {
  const { asked, token, call } = setup();
  const first = token.get(call());
  asked[0]?.fail();
  await assert.rejects(first);
  const second = token.get(call());
  asked[1]?.answer("second");
  assert.equal(await second, "second");
});
