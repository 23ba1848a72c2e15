import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { RpcError } from "@sampan/core";
import { createFakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { httpSms } from "./http-sms.js";
import { openSms } from "./open-sms.js";
import { smsHeaders, smsSignature } from "./request-signature.js";
import type { SmsMessage, SmsProvider } from "./sms-provider.js";
import { brokenLimit } from "./standin/number-limits.js";
import { type SmsStandin, startSmsStandin } from "./standin/standin.js";

const clock = createFakeClock();
const keys = { keyId: "key-1", keySecret: "a secret of the test" };
const limits = { minute: 1, hour: 3, day: 4 };
let memory: InMemory;
let standin: SmsStandin;
let sms: SmsProvider;
before(async () => {
  memory = await serveInMemory(() => [], clock);
});
after(() => memory.close());
beforeEach(async () => {
  const templates = { "sms-1": ["order", "amount"] };
  standin = await startSmsStandin({ ...keys, signNames: ["舢板"], templates, limits, clock });
  sms = httpSms({ url: standin.url, ...keys, signNames: ["舢板"], clock });
});
afterEach(() => standin.close());

const good: SmsMessage = {
  countryCode: "86",
  number: "13812345678",
  signName: "舢板",
  templateId: "sms-1",
  parameters: { order: "o-1", amount: "¥12.34" },
};
const send = async (change: Partial<SmsMessage> = {}, provider = sms): Promise<string> => {
  try {
    await memory.runtime.run({ name: "test" }, (call) => provider.send({ ...good, ...change }, call));
    return "sent";
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    const text = JSON.stringify([error.message, error.info?.metadata, String(error.cause)]);
    for (const secret of [good.number, "o-1", keys.keySecret]) assert.ok(!text.includes(secret), text);
    return `${error.reason} ${error.info?.metadata.provider_code ?? ""}`.trim();
  }
};

describe("short messages", () => {
  test("arrive as they were sent", async () => {
    assert.equal(await send(), "sent");
    const { signName, templateId, parameters } = good;
    const at = clock.now();
    assert.deepEqual(standin.sent, [{ to: "+8613812345678", signName, templateId, parameters, at }]);
  });

  for (const [what, change, outcome] of [
    ["another sign name", { signName: "银行" }, "SMS_MESSAGE_REFUSED SIGN_NAME_UNKNOWN"],
    ["an unknown template", { templateId: "sms-2" }, "SMS_MESSAGE_REFUSED TEMPLATE_UNKNOWN"],
    ["a prototype's name as template", { templateId: "constructor" }, "SMS_MESSAGE_REFUSED TEMPLATE_UNKNOWN"],
    ["a parameter too few", { parameters: { order: "o-1" } }, "SMS_MESSAGE_REFUSED PARAMETERS_INVALID"],
    [
      "a parameter too many",
      { parameters: { order: "1", amount: "2", x: "3" } },
      "SMS_MESSAGE_REFUSED PARAMETERS_INVALID",
    ],
    [
      "a parameter of 36 characters",
      { parameters: { order: "x".repeat(36), amount: "2" } },
      "SMS_MESSAGE_REFUSED PARAMETERS_INVALID",
    ],
    ["a number that is too short", { number: "1381234567" }, "SMS_NUMBER_REFUSED NUMBER_INVALID"],
  ] as const) {
    test(`with ${what} are refused`, async () => {
      assert.equal(await send(change), outcome);
      assert.equal(standin.sent.length, 0);
    });
  }

  test("to who wants none are refused", async () => {
    standin.block("+8613812345678");
    assert.equal(await send(), "SMS_NUMBER_REFUSED NUMBER_BLOCKED");
  });

  test("to one number are limited in a minute, an hour and a day; to others they go on", async () => {
    const outcomes: string[] = [];
    for (const wait of [0, 0, 59_999, 1, 60_000, 60_000, 3_600_000, 3_600_000]) {
      await clock.advance(wait);
      outcomes.push((await send()).replace("SMS_QUOTA NUMBER_LIMIT_", ""));
    }
    assert.deepEqual(outcomes, ["sent", "MINUTE", "MINUTE", "sent", "sent", "HOUR", "sent", "DAY"]);
    assert.equal(await send({ number: "13912345678" }), "sent");
  });

  for (const [fault, outcome, arrived] of [
    ["busy", "SMS_BUSY BUSY", 0],
    ["drop-before", "SMS_NO_ANSWER", 0],
    ["drop-after", "SMS_NO_ANSWER", 1],
    ["garbage", "SMS_NO_ANSWER", 1],
  ] as const) {
    test(`that meet ${fault} end as ${outcome}`, async () => {
      standin.fail(fault);
      assert.equal(await send(), outcome);
      assert.equal(standin.sent.length, arrived);
    });
  }

  test("that nobody answers in time may have arrived", async () => {
    standin.fail("hang");
    const outcome = send();
    for (let i = 0; standin.sent.length === 0 && i < 1000; i++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5000);
    assert.equal(await outcome, "SMS_NO_ANSWER");
    assert.equal(standin.sent.length, 1);
  });

  test("are certainly not sent when nobody listens", async () => {
    await standin.close();
    assert.equal(await send(), "SMS_UNREACHABLE");
  });
});

describe("requests to the provider", () => {
  const post = async (
    change: Partial<Record<string, string>> = {},
    body = JSON.stringify({ to: "+8613812345678" }),
  ) => {
    const [timestamp, nonce] = [change.timestamp ?? String(clock.now()), change.nonce ?? "0".repeat(32)];
    const signature =
      change.signature ?? smsSignature(keys.keySecret, { path: "/v1/messages", body, timestamp, nonce });
    const response = await fetch(new URL("/v1/messages", standin.url), {
      method: "POST",
      body: change.body ?? body,
      headers: {
        [smsHeaders.keyId]: change.keyId ?? keys.keyId,
        [smsHeaders.timestamp]: timestamp,
        [smsHeaders.nonce]: nonce,
        [smsHeaders.signature]: signature,
      },
    });
    return ((await response.json()) as { code: string }).code;
  };

  test("must be signed: key, time within five minutes, a new nonce, this body", async () => {
    const now = clock.now();
    assert.equal(await post({ nonce: "1".repeat(32) }), "REQUEST_INVALID", "signed, but no message");
    assert.equal(await post({ nonce: "1".repeat(32) }), "SIGNATURE_INVALID", "replayed");
    assert.equal(await post({ keyId: "key-2" }), "KEY_UNKNOWN");
    assert.equal(await post({ signature: "0".repeat(64) }), "SIGNATURE_INVALID");
    assert.equal(await post({ body: JSON.stringify({ to: "+8613900000000" }) }), "SIGNATURE_INVALID");
    assert.equal(await post({ timestamp: String(now - 300_001), nonce: "2".repeat(32) }), "TIMESTAMP_EXPIRED");
    assert.equal(await post({ timestamp: String(now - 300_000), nonce: "3".repeat(32) }), "REQUEST_INVALID");
    assert.equal(await post({ timestamp: "soon", nonce: "4".repeat(32) }), "TIMESTAMP_EXPIRED");
  });

  test("with another secret are refused as credentials, and that may be repeated", async () => {
    const other = httpSms({ url: standin.url, ...keys, keySecret: "another", signNames: [], clock });
    assert.equal(await send({}, other), "SMS_CREDENTIALS_REFUSED SIGNATURE_INVALID");
  });
});

test("a limit counts what lies within its window, and not what is exactly as old as it is long", () => {
  const all = { minute: 1, hour: 2, day: 3 };
  assert.equal(brokenLimit([], 100_000, all), undefined);
  assert.equal(brokenLimit([40_001], 100_000, all), "minute");
  assert.equal(brokenLimit([40_000], 100_000, all), undefined);
  assert.equal(brokenLimit([1, 2], 3_600_000, all), "hour");
  assert.equal(brokenLimit([1, 2, 3], 3_600_003, { ...all, hour: 9 }), "day");
});

test("settings choose who sends, and say everything that is missing", async () => {
  const none = { smsUrl: undefined, smsKeyId: "", smsKeySecret: undefined, smsSignNames: ["舢板"] };
  assert.equal(await openSms({ ...none, sms: "off" }, clock), undefined);
  await assert.rejects(
    openSms({ ...none, sms: "http" }, clock),
    /smsUrl, notification.smsKeyId, notification.smsKeySecret/,
  );
  const opened = await openSms({ ...none, sms: "standin" }, clock);
  const message = { templateId: "sms-order-confirmed" };
  assert.equal(await send(message, opened?.sms as SmsProvider), "sent");
  await opened?.close();
});
