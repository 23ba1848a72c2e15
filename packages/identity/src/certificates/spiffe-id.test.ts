import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CertificateErrors } from "./certificate-errors.js";
import { maxSpiffeIdBytes, parseSpiffeId, requireTrustDomain, serviceId, spiffeIdText } from "./spiffe-id.js";

const invalid = (error: unknown): boolean => CertificateErrors.SPIFFE_ID_INVALID.is(error);

test("an id is taken apart and put together", () => {
  const segment = fc.stringMatching(/^[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,20}$/);
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9._-]{1,60}$/),
      fc.array(segment, { maxLength: 5 }),
      (trustDomain, segments) => {
        const text = ["spiffe:", "", trustDomain, ...segments].join("/");
        const id = parseSpiffeId(text);
        assert.equal(id.trustDomain, trustDomain);
        assert.equal(id.path, segments.map((each) => `/${each}`).join(""));
        assert.equal(spiffeIdText(id), text);
      },
    ),
  );
});

for (const text of [
  "",
  "spiffe:/",
  "spiffe://",
  "spiffe:///path",
  "http://shop.test/a",
  "SPIFFE://shop.test/a",
  "spiffe://Shop.test/a",
  "spiffe://shop.test/",
  "spiffe://shop.test/a/",
  "spiffe://shop.test//a",
  "spiffe://shop.test/./a",
  "spiffe://shop.test/../a",
  "spiffe://shop.test/a%20b",
  "spiffe://shop.test/ä",
  "spiffe://shop.test/a b",
  "spiffe://shop.test/a?b",
  "spiffe://shop.test/a#b",
  "spiffe://user@shop.test/a",
  "spiffe://shop.test:80/a",
  "spiffe://shop.test/a\n",
  " spiffe://shop.test/a",
]) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseSpiffeId(text), invalid);
  });
}

test("2048 bytes are an id and 2049 are none; 255 are a trust domain and 256 are none", () => {
  const prefix = "spiffe://shop.test/";
  parseSpiffeId(prefix + "a".repeat(maxSpiffeIdBytes - prefix.length));
  assert.throws(() => parseSpiffeId(prefix + "a".repeat(maxSpiffeIdBytes - prefix.length + 1)), invalid);
  requireTrustDomain("a".repeat(255));
  assert.throws(() => requireTrustDomain("a".repeat(256)), invalid);
  assert.throws(() => requireTrustDomain("shop.test/a"), invalid);
});

test("a service's id", () => {
  assert.equal(serviceId("shop.test", "shop", "order"), "spiffe://shop.test/ns/shop/sa/order");
  assert.throws(() => serviceId("shop.test", "shop/x", "order"), invalid);
});

test("an id in an error is short and printable", () => {
  assert.throws(
    () => parseSpiffeId(`x\u001b[31m${"y".repeat(3000)}`),
    (error: Error) => error.message.length < 400 && !error.message.includes("\u001b"),
  );
});
