import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { clientMessage, platformMessage, requestMessage, signText, verifyBytes } from "./signature.js";
import { wireAmount, wireTime } from "./wire-values.js";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const publicKey = createPublicKey(privateKey);

test("a request is signed as method, path with query, time, nonce and body, each with a line end", () => {
  assert.equal(
    requestMessage("GET", "/v3/certificates?a=1", "1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242", ""),
    "GET\n/v3/certificates?a=1\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n",
  );
  assert.equal(requestMessage("POST", "/v3/x", "1", "n", '{"a":1}'), 'POST\n/v3/x\n1\nn\n{"a":1}\n');
});

test("the client's payment call is signed without its signType", () => {
  assert.equal(clientMessage("wx1", "1414561699", "5K82", "prepay_id=wx2"), "wx1\n1414561699\n5K82\nprepay_id=wx2\n");
});

test("the platform signs time, nonce and the body's bytes, also those that are no UTF-8", () => {
  const body = Buffer.from([0xff, 0x00, 0x7b]);
  assert.deepEqual(platformMessage("1", "n", body), Buffer.concat([Buffer.from("1\nn\n"), body, Buffer.from("\n")]));
});

test("signatures are RSA-SHA256 with PKCS#1 padding, in base64", async () => {
  const signature = await signText("茶", privateKey);
  assert.ok(verify("RSA-SHA256", Buffer.from("茶"), publicKey, Buffer.from(signature, "base64")));
  assert.equal(await verifyBytes(Buffer.from("茶"), signature, publicKey), true);
});

test("a wrong, empty or unreadable signature is not valid, and not an exception", async () => {
  for (const signature of ["", "x", "!!!!", "WECHATPAY/SIGNTEST/abc", await signText("tea", privateKey)]) {
    assert.equal(await verifyBytes(Buffer.from("茶"), signature, publicKey), false, signature);
  }
});

test("times are whole seconds in the platform's zone", () => {
  assert.equal(wireTime(0), "1970-01-01T08:00:00+08:00");
  assert.equal(wireTime(1_700_000_000_999), "2023-11-15T06:13:20+08:00");
  assert.equal(Date.parse(wireTime(1_700_000_000_000)), 1_700_000_000_000);
});

test("amounts are integers from 1 to what JSON holds exactly", () => {
  assert.equal(wireAmount(1n), 1);
  assert.equal(wireAmount(9_007_199_254_740_991n), Number.MAX_SAFE_INTEGER);
  for (const amount of [0n, -1n, 9_007_199_254_740_992n]) assert.throws(() => wireAmount(amount), /cannot be paid/);
});
