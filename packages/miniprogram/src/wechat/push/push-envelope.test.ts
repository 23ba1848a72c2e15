import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { openPush, pushKey, sealPush } from "./push-envelope.js";
import { isPushSignature, pushSignature } from "./push-signature.js";

/** The vendor's worked examples: token, key and app are theirs. */
const key = pushKey("A".repeat(43)) ?? assert.fail();
const appId = "wxba5fad812f8e6fb9";
const encrypted = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==";

test("the vendor's signatures", () => {
  assert.equal(pushSignature("AAAAA", "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696");
  assert.equal(pushSignature("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78");
  const reply = ["AAAAA", "1713424427", "415670741", encrypted];
  assert.equal(pushSignature(...reply), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1");
  assert.ok(isPushSignature("1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", ...reply));
  for (const wrong of ["", "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea2", "茶"]) {
    assert.equal(isPushSignature(wrong, ...reply), false);
  }
});

test("the vendor's envelope opens, and is made again byte for byte", () => {
  const content = openPush(encrypted, key) ?? assert.fail();
  assert.equal(content.text.toString(), '{"demo_resp":"good luck"}');
  assert.equal(content.appId, appId);
  const random = Buffer.from("707722b803182950", "latin1");
  assert.equal(sealPush('{"demo_resp":"good luck"}', appId, key, random), encrypted);
});

test("any text goes through an envelope, padded to 32 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.stringMatching(/^wx[0-9a-f]{16}$/), (text, app) => {
      const sealed = sealPush(text, app, key);
      assert.equal(Buffer.from(sealed, "base64").length % 32, 0);
      const content = openPush(sealed, key) ?? assert.fail();
      assert.equal(content.text.toString(), Buffer.from(text).toString());
      assert.equal(content.appId, app);
    }),
  );
});

test("what is no envelope of this key opens to nothing, whatever it is", () => {
  const other = randomBytes(32);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64");
      const content = openPush(text, key);
      assert.ok(content === undefined || content.appId !== appId);
    }),
  );
  assert.notEqual(openPush(sealPush("{}", appId, other), key)?.appId, appId);
  for (const wrong of ["", "====", encrypted.slice(0, -4), ` ${encrypted}`])
    assert.equal(openPush(wrong, key), undefined);
});

test("padding and lengths are checked to the byte", () => {
  const raw = (bytes: Buffer): string => {
    const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([cipher.update(bytes), cipher.final()]).toString("base64");
  };
  const full = (length: number, padding: Buffer, body = Buffer.alloc(64 - 20 - padding.length, "m")): string => {
    const head = Buffer.alloc(20);
    head.writeUInt32BE(length, 16);
    return raw(Buffer.concat([head, body, padding]));
  };
  assert.equal(openPush(full(3, Buffer.alloc(32, 32)), key)?.text.toString(), "mmm");
  assert.equal(openPush(full(12, Buffer.alloc(32, 32)), key)?.text.length, 12);
  assert.equal(openPush(full(13, Buffer.alloc(32, 32)), key), undefined);
  assert.equal(openPush(full(0xffffffff, Buffer.alloc(32, 32)), key), undefined);
  assert.equal(openPush(full(3, Buffer.alloc(1, 1)), key)?.text.toString(), "mmm");
  assert.equal(openPush(full(3, Buffer.alloc(1, 0)), key), undefined);
  assert.equal(openPush(full(3, Buffer.alloc(33, 33)), key), undefined);
  assert.equal(openPush(full(3, Buffer.of(2, 3, 3)), key), undefined);
  assert.equal(openPush(raw(Buffer.alloc(32, 32)), key), undefined);
});

test("a key has 43 characters of base64", () => {
  assert.equal(pushKey("A".repeat(43))?.length, 32);
  for (const wrong of ["A".repeat(42), "A".repeat(44), `${"A".repeat(42)}=`, "-".repeat(43)]) {
    assert.equal(pushKey(wrong), undefined);
  }
});
