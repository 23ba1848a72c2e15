import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { MiniProgramErrors } from "../errors.js";
import type { EncryptedData, SignedData } from "../provider.js";
import { rejectsWith, startWorld } from "../standin/world.fixture.js";
import { checkSignedData, decryptOpenData, openDataSignature } from "./open-data.js";

/** The vendor's samples. */
const rawData =
  '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}';
const rawKey = "HyVFkGl5F5OQWJZZaNzBBg==";
const signature = "75e81ceda165f4ffa64f4068af58c64b8f54b88c";
const sealedKey = "tiihtNczf5v6AKRyjwEUhQ==";
const iv = "r7BXXKkLb8qrSNn05n0qiA==";
const encryptedData =
  "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew==";
const appId = "wx4f4bc4dec97d474b";
const madeAt = 1_477_314_187_000;
const rules = { appId, now: madeAt, maxAgeMs: 300_000 };

const refused = (why: RegExp) => (error: unknown) =>
  MiniProgramErrors.OPEN_DATA_INVALID.is(error) && why.test(error.message);

test("the vendor's signed sample", () => {
  assert.equal(openDataSignature(rawData, rawKey), signature);
  assert.equal(checkSignedData({ rawData, signature }, rawKey).city, "Guangzhou");
});

test("signed data that was changed, or is of another session, is refused", () => {
  const wrong: [SignedData, string][] = [
    [{ rawData: rawData.replace("Band", "band"), signature }, rawKey],
    [{ rawData, signature: signature.toUpperCase() }, rawKey],
    [{ rawData, signature: "" }, rawKey],
    [{ rawData, signature: `${signature}0` }, rawKey],
    [{ rawData, signature }, sealedKey],
  ];
  for (const [data, key] of wrong) assert.throws(() => checkSignedData(data, key), refused(/signature is wrong/));
  const list = { rawData: "[]", signature: openDataSignature("[]", rawKey) };
  assert.throws(() => checkSignedData(list, rawKey), refused(/no JSON object/));
  const long = "x".repeat(65_537);
  const longSigned = { rawData: long, signature: openDataSignature(long, rawKey) };
  assert.throws(() => checkSignedData(longSigned, rawKey), refused(/longer/));
});

test("the vendor's encrypted sample", () => {
  const data = decryptOpenData({ encryptedData, iv }, sealedKey, rules);
  assert.equal(data.openId, "oGZUI0egBJY1zhBYw2KhdUfwVJJE");
  assert.equal(data.unionId, "ocMvos6NjeKLIBqg5Mr9QjxrP1FA");
});

test("encrypted data of another app, too old or from the future is refused", () => {
  const open = (over: object): unknown => decryptOpenData({ encryptedData, iv }, sealedKey, { ...rules, ...over });
  assert.throws(() => open({ appId: "wx0" }), refused(/another app/));
  open({ now: madeAt + 300_000 });
  assert.throws(() => open({ now: madeAt + 300_001 }), refused(/too old/));
  open({ now: madeAt - 60_000 });
  assert.throws(() => open({ now: madeAt - 60_001 }), refused(/future/));
});

test("texts that are not what they should be are refused by name", () => {
  const open = (data: EncryptedData, key = sealedKey) => decryptOpenData(data, key, rules);
  assert.throws(() => open({ encryptedData, iv }, "short"), refused(/session secret/));
  assert.throws(() => open({ encryptedData, iv }, rawKey), refused(/cannot be decrypted/));
  assert.throws(() => open({ encryptedData, iv: "" }), refused(/iv/));
  assert.throws(() => open({ encryptedData: "", iv }), refused(/encryptedData/));
  assert.throws(() => open({ encryptedData: encryptedData.slice(4), iv }), refused(/encryptedData/));
  assert.throws(() => open({ encryptedData: ` ${encryptedData}`, iv }), refused(/encryptedData/));
  assert.throws(() => open({ encryptedData: Buffer.alloc(65_552).toString("base64"), iv }), refused(/encryptedData/));
});

test("whatever is decrypted, wrong padding and wrong text look the same", () => {
  const key = randomBytes(16);
  const plain = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 64 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(plain, fc.boolean(), (bytes, padded) => {
      const cipher = createCipheriv("aes-128-cbc", key, Buffer.alloc(16)).setAutoPadding(padded);
      const whole = padded ? bytes : bytes.subarray(0, bytes.length - (bytes.length % 16));
      if (whole.length === 0) return;
      const sealed = Buffer.concat([cipher.update(whole), cipher.final()]).toString("base64");
      const data = { encryptedData: sealed, iv: Buffer.alloc(16).toString("base64") };
      assert.throws(
        () => decryptOpenData(data, key.toString("base64"), rules),
        refused(
          /^the open data cannot be trusted: (it cannot be decrypted with this session|its watermark names another app)$/,
        ),
      );
    }),
  );
});

test("what the stand-in gives to the mini program opens with the session's secret, and no other", async (t) => {
  const world = await startWorld(t);
  const openid = await world.user();
  await world.control("open-data", { openid }, 409);
  const login = async (): Promise<string> => {
    const { code } = await world.control("login-codes", { openid }, 201);
    return (await world.provider.login(code, world.call())).sessionSecret ?? assert.fail();
  };
  const secret = await login();
  const open = async (data: object, key = secret): Promise<unknown> =>
    world.provider.openData?.(data as SignedData | EncryptedData, key, world.call());
  const { rawData, signature, encryptedData, iv } = await world.control("open-data", {
    openid,
    data: { city: "深圳" },
  });
  assert.deepEqual(await open({ rawData, signature }), { nickName: "Band", city: "深圳" });
  assert.equal(((await open({ encryptedData, iv })) as { openId: string }).openId, openid);
  const other = await world.control("open-data", { openid, tamper: { appId: "wx0000000000000000" } });
  await rejectsWith(open({ encryptedData: other.encryptedData, iv: other.iv }), MiniProgramErrors.OPEN_DATA_INVALID);
  const old = await world.control("open-data", { openid, tamper: { ageSeconds: 301 } });
  await rejectsWith(open({ encryptedData: old.encryptedData, iv: old.iv }), MiniProgramErrors.OPEN_DATA_INVALID);
  const later = await login();
  await rejectsWith(open({ rawData, signature }, later), MiniProgramErrors.OPEN_DATA_INVALID);
  await rejectsWith(open({ encryptedData, iv }, later), MiniProgramErrors.OPEN_DATA_INVALID);
});
