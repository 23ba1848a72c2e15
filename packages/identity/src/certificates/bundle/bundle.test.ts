import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { hour, testAuthority } from "../authority.fixture.js";
import { CertificateErrors } from "../certificate-errors.js";
import { forge } from "../forge.fixture.js";
import { bundleJson, readBundleJson } from "./bundle-json.js";
import { sameBundle } from "./trust-bundle.js";

const invalid = (field: string) => (error: unknown) =>
  CertificateErrors.BUNDLE_INVALID.is(error) && error.info?.metadata.field === field;

test("a bundle is a key set as the standard writes it, and is read back", async (t) => {
  const { authority } = await testAuthority(t);
  await authority.rotateRoot();
  const bundle = authority.bundle();
  const document = JSON.parse(bundleJson(bundle)) as { keys: Record<string, unknown>[] };
  assert.deepEqual(Object.keys(document).sort(), ["keys", "spiffe_refresh_hint", "spiffe_sequence"]);
  for (const [index, key] of document.keys.entries()) {
    assert.deepEqual(Object.keys(key).sort(), ["crv", "kty", "use", "x", "x5c", "y"]);
    assert.equal(key.use, "x509-svid");
    const x5c = key.x5c as [string];
    assert.equal(x5c.length, 1);
    const jwk = new X509Certificate(Buffer.from(x5c[0], "base64")).publicKey.export({ format: "jwk" });
    assert.deepEqual([key.x, key.y], [jwk.x, jwk.y], String(index));
  }
  const read = readBundleJson(bundleJson(bundle), "shop.test");
  assert.ok(sameBundle(read, bundle));
  assert.deepEqual([read.sequence, read.refreshHintSeconds], [2, 900]);
});

test("keys for other uses are passed over; what is wrong is named", async (t) => {
  const { authority } = await testAuthority(t);
  const good = JSON.parse(bundleJson(authority.bundle())) as { keys: [Record<string, unknown>] };
  const read = (document: unknown) => readBundleJson(JSON.stringify(document), "shop.test");
  assert.equal(read({ keys: [{ use: "jwt-svid", kid: "a" }, good.keys[0]] }).authorities.length, 1);
  assert.equal(read({ keys: [] }).authorities.length, 0);
  const leaf = forge({ notBefore: 0, notAfter: hour, uris: ["spiffe://shop.test/a"] }).der.toString("base64");
  assert.throws(() => readBundleJson("{", "x"), invalid("(all)"));
  assert.throws(() => read([1].length), invalid("(all)"));
  assert.throws(() => read({ keys: {} }), invalid("keys"));
  assert.throws(() => read({ keys: [7] }), invalid("keys[0]"));
  assert.throws(() => read({ keys: [{ use: "x509-svid" }] }), invalid("keys[0].x5c"));
  assert.throws(() => read({ keys: [{ use: "x509-svid", x5c: [leaf, leaf] }] }), invalid("keys[0].x5c"));
  assert.throws(() => read({ keys: [good.keys[0], { use: "x509-svid", x5c: [leaf] }] }), invalid("keys[1].x5c[0]"));
  assert.throws(() => read({ keys: [{ use: "x509-svid", x5c: ["***"] }] }), invalid("keys[0].x5c[0]"));
  assert.throws(() => read({ ...good, spiffe_sequence: -1 }), invalid("spiffe_sequence"));
  assert.throws(() => read({ ...good, spiffe_refresh_hint: "1" }), invalid("spiffe_refresh_hint"));
});

test("whatever is read, it fails in one way only", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        readBundleJson(text, "shop.test");
      } catch (error) {
        assert.ok(CertificateErrors.BUNDLE_INVALID.is(error), String(error));
      }
    }),
  );
});
