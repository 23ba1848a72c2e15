import assert from "node:assert/strict";
import { createCipheriv, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { rejectsWithOneOf } from "../contract/contract-world.fixture.js";
import { MiniProgramErrors } from "../errors.js";
import { signText } from "../wechat/pay/signature.js";
import { openPhoneNumber } from "./phone-number.js";

const { PHONE_CODE_INVALID, OPEN_DATA_INVALID } = MiniProgramErrors;
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const alipayKey = createPublicKey(pair.publicKey.export({ type: "spki", format: "pem" }));
const platformKey = createPrivateKey(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
const key = Buffer.alloc(16, 3);

function sealed(plain: unknown, with_ = key): string {
  const cipher = createCipheriv("aes-128-cbc", with_, Buffer.alloc(16));
  return Buffer.concat([cipher.update(JSON.stringify(plain)), cipher.final()]).toString("base64");
}

async function text(response: string, quoted = true): Promise<string> {
  return JSON.stringify({ response, sign: await signText(quoted ? `"${response}"` : response, platformKey) });
}

test("a number is opened when Alipay has signed its ciphertext in quotes", async () => {
  const response = sealed({ code: "10000", msg: "Success", mobile: "13912345678" });
  const number = { phoneNumber: "13912345678", purePhoneNumber: "13912345678", countryCode: "86" };
  assert.deepEqual(await openPhoneNumber(await text(response), alipayKey, key), number);
  await rejectsWithOneOf(openPhoneNumber(await text(response, false), alipayKey, key), OPEN_DATA_INVALID);
});

test("a foreign number has its country", async () => {
  const response = sealed({ code: "10000", mobile: "7700900123", countryCode: "44" });
  const opened = await openPhoneNumber(await text(response), alipayKey, key);
  assert.deepEqual(opened, { phoneNumber: "+447700900123", purePhoneNumber: "7700900123", countryCode: "44" });
});

test("a refusal is one, whether it is encrypted or not", async () => {
  const refusal = { code: "40003", msg: "Insufficient Conditions", subCode: "isv.invalid-auth-relations" };
  for (const signed of [await text(sealed(refusal)), await text(JSON.stringify(refusal), false)]) {
    await assert.rejects(openPhoneNumber(signed, alipayKey, key), (error) => {
      assert.ok(PHONE_CODE_INVALID.is(error));
      assert.equal(error.info?.metadata.platform_code, "isv.invalid-auth-relations");
      return true;
    });
  }
});

test("what is forged, of another key, too long or no number is not believed", async () => {
  const good = sealed({ code: "10000", mobile: "13912345678" });
  const forged = JSON.stringify({ response: good, sign: Buffer.from("forged").toString("base64") });
  const other = await text(sealed({ code: "10000", mobile: "13912345678" }, Buffer.alloc(16, 4)));
  const noNumber = await text(sealed({ code: "10000", mobile: "<script>" }));
  for (const wrong of [forged, other, noNumber, "", "{}", "[]", "x".repeat(9_000), '{"response":{},"sign":"s"}']) {
    await rejectsWithOneOf(openPhoneNumber(wrong, alipayKey, key), OPEN_DATA_INVALID);
  }
});
