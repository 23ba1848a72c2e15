// needs: openssl
import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { cartId, day, hour, orderId, testAuthority } from "../authority.fixture.js";
import { CertificateErrors } from "../certificate-errors.js";
import { pem } from "../files/pem.js";
import { forge } from "../forge.fixture.js";
import { openssl } from "../openssl.fixture.js";
import { KeyUsageBit } from "./certificate.js";
import { maxCertificateBytes, readCertificate, splitCertificates } from "./read-certificate.js";
import { readRevocationList } from "./revocation-list.js";

const invalid = (error: unknown): boolean => CertificateErrors.CERTIFICATE_INVALID.is(error);

test("an SVID says what the standard asks, in OpenSSL's words", async (t) => {
  const { authority } = await testAuthority(t);
  const svid = authority.issue(orderId, { dnsNames: ["order.internal"] });
  const judge = openssl(t);
  const text = judge.run("x509", "-noout", "-text", "-in", judge.certificates("leaf.pem", svid.chain[0] as Uint8Array));
  assert.match(text, /Version: 3 \(0x2\)/);
  assert.match(text, /Signature Algorithm: ecdsa-with-SHA256/);
  assert.match(text, /ASN1 OID: prime256v1/);
  assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
  assert.match(text, /X509v3 Extended Key Usage: \s+TLS Web Server Authentication, TLS Web Client Authentication\n/);
  assert.match(text, /X509v3 Basic Constraints: critical\s+CA:FALSE\n/);
  assert.match(
    text,
    /X509v3 Subject Alternative Name: critical\s+URI:spiffe:\/\/shop\.test\/ns\/shop\/sa\/order, DNS:order\.internal\n/,
  );
  assert.match(text, /Subject: \n/);
});

test("authorities have the trust domain's id, may sign, and limit how many stand below them", async (t) => {
  const { authority } = await testAuthority(t);
  const judge = openssl(t);
  const [, intermediate] = authority.issue(orderId).chain as [Uint8Array, Uint8Array];
  for (const [der, pathLength] of [
    [authority.bundle().authorities[0] as Uint8Array, 1],
    [intermediate, 0],
  ] as const) {
    const text = judge.run("x509", "-noout", "-text", "-in", judge.certificates("authority.pem", der));
    assert.match(text, new RegExp(`X509v3 Basic Constraints: critical\\s+CA:TRUE, pathlen:${pathLength}\\n`));
    assert.match(text, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    assert.match(text, /URI:spiffe:\/\/shop\.test\n/);
    assert.doesNotMatch(text, /Extended Key Usage/);
  }
});

/** The chain as files that OpenSSL verifies. */
async function chainFiles(t: TestContext, id: string) {
  const { authority } = await testAuthority(t);
  const judge = openssl(t);
  const svid = authority.issue(id);
  const [leaf, intermediate] = svid.chain as [Uint8Array, Uint8Array];
  return {
    authority,
    judge,
    svid,
    roots: judge.certificates("roots.pem", ...authority.bundle().authorities),
    intermediate: judge.certificates("intermediate.pem", intermediate),
    leaf: judge.certificates("leaf.pem", leaf),
    // The fake clock's time.
    at: ["-attime", String(Math.floor((svid.notBefore + hour / 2) / 1000))],
  };
}

test("OpenSSL verifies the chain, strictly, for servers and for clients", async (t) => {
  const { judge, roots, intermediate, leaf, at } = await chainFiles(t, orderId);
  for (const purpose of ["sslserver", "sslclient"]) {
    const said = judge.run(
      "verify",
      "-x509_strict",
      ...at,
      "-purpose",
      purpose,
      "-CAfile",
      roots,
      "-untrusted",
      intermediate,
      leaf,
    );
    assert.match(said, /leaf\.pem: OK/);
  }
  assert.throws(() => judge.run("verify", ...at, "-CAfile", roots, leaf), /unable to get local issuer certificate/);
  const late = ["-attime", String(Math.floor(Date.parse("2030-01-01") / 1000))];
  assert.throws(() => judge.run("verify", ...late, "-CAfile", roots, "-untrusted", intermediate, leaf), /expired/);
});

test("OpenSSL reads the revocation list, and refuses what is on it", async (t) => {
  const { authority, judge, svid, roots, intermediate, leaf, at } = await chainFiles(t, orderId);
  const check = (): string => {
    const lists = judge.file(
      "lists.pem",
      authority
        .revocationLists()
        .map((der) => pem("X509 CRL", der))
        .join(""),
    );
    return judge.run(
      "verify",
      ...at,
      "-crl_check",
      "-CRLfile",
      lists,
      "-CAfile",
      roots,
      "-untrusted",
      intermediate,
      leaf,
    );
  };
  assert.match(check(), /leaf\.pem: OK/);
  await authority.revokeId(cartId);
  assert.match(check(), /leaf\.pem: OK/);
  await authority.revokeSerial(readCertificate(svid.chain[0] as Uint8Array).serial);
  assert.throws(check, /certificate revoked/);
});

test("a revocation list is read back", async (t) => {
  const { authority, clock } = await testAuthority(t);
  await authority.revokeSerial("00:AB:cd");
  await authority.revokeId(cartId);
  const list = readRevocationList(authority.revocationLists()[0] as Uint8Array);
  assert.deepEqual(list.serials, [{ serial: "abcd", at: clock.now() }]);
  assert.deepEqual(list.ids, [{ id: cartId, at: clock.now() }]);
  assert.equal(list.thisUpdate, clock.now());
  assert.equal(list.nextUpdate, clock.now() + day);
});

test("Node and this reader see the same certificate", async (t) => {
  const { authority } = await testAuthority(t);
  const names = fc.array(fc.domain(), { maxLength: 4 });
  const service = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
  const ttl = fc.integer({ min: 1000, max: 12 * hour });
  fc.assert(
    fc.property(service, names, ttl, (name, dnsNames, ttlMs) => {
      const id = `spiffe://shop.test/ns/shop/sa/${name}`;
      const { chain, privateKey, notAfter } = authority.issue(id, { dnsNames, ttlMs });
      const [leaf, intermediate] = chain as [Uint8Array, Uint8Array];
      const theirs = new X509Certificate(leaf);
      const ours = readCertificate(leaf);
      assert.equal(ours.serial, theirs.serialNumber.toLowerCase().replace(/^0+/, ""));
      assert.equal(theirs.subjectAltName, [`URI:${id}`, ...dnsNames.map((each) => `DNS:${each}`)].join(", "));
      assert.deepEqual([ours.uris, ours.dnsNames], [[id], dnsNames]);
      assert.equal(ours.notBefore, Date.parse(theirs.validFrom));
      assert.equal(ours.notAfter, Date.parse(theirs.validTo));
      assert.equal(ours.notAfter, notAfter);
      assert.equal(theirs.ca, false);
      assert.deepEqual([...(ours.keyUsage?.bits ?? [])], [KeyUsageBit.digitalSignature]);
      assert.deepEqual(theirs.keyUsage, ours.extendedKeyUsage);
      assert.ok(theirs.verify(new X509Certificate(intermediate).publicKey));
      assert.ok(theirs.checkIssued(new X509Certificate(intermediate)));
      assert.ok(
        theirs.checkPrivateKey(createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" })),
      );
    }),
    { numRuns: 30 },
  );
});

test("certificates that OpenSSL has made are read: RSA, and extensions that are not known", async (t) => {
  const judge = openssl(t);
  const out = judge.file("rsa.der", "");
  judge.run(
    ...[
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      judge.file("key.pem", ""),
      "-outform",
      "DER",
      "-out",
      out,
    ],
    ...[
      "-days",
      "1",
      "-subj",
      "/CN=other",
      "-addext",
      "subjectAltName=URI:spiffe://other.test,IP:127.0.0.1,email:a@b.c",
    ],
    ...["-addext", "nameConstraints=critical,permitted;DNS:shop.test", "-addext", "certificatePolicies=1.2.3"],
  );
  const { readFileSync } = await import("node:fs");
  const certificate = readCertificate(readFileSync(out));
  assert.deepEqual(certificate.uris, ["spiffe://other.test"]);
  assert.equal(certificate.isAuthority, true);
  assert.deepEqual(certificate.unknownCritical, ["2.5.29.30"]);
});

test("a certificate with one octet changed, cut or added is refused, or is another certificate", async (t) => {
  const { authority } = await testAuthority(t);
  const good = authority.issue(orderId).chain[0] as Buffer;
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(2), (at, flip, kind) => {
      const bytes =
        kind === 0 ? Buffer.from(good) : kind === 1 ? good.subarray(0, at) : Buffer.concat([good, Buffer.of(flip)]);
      if (kind === 0) bytes[at] = (bytes[at] as number) ^ flip;
      try {
        const { raw, signed } = readCertificate(bytes);
        assert.equal(kind, 0, "a cut or longer one was read");
        assert.ok(signed.bytes.length <= raw.length);
      } catch (error) {
        assert.ok(invalid(error), String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test("limits and doubles are refused", () => {
  const times = { notBefore: 0, notAfter: hour };
  const long = forge({ ...times, uris: [`spiffe://a/${"b".repeat(maxCertificateBytes)}`] });
  assert.throws(() => readCertificate(long.der), /more than 16384 bytes/);
  const names = forge({ ...times, uris: [`spiffe://a/${"b".repeat(2000)}`] });
  assert.equal(readCertificate(names.der).uris[0]?.length, 2011);
  assert.throws(() => readCertificate(forge({ ...times, uris: ["spiffe://a/b\u0000c"] }).der), /cannot be printed/);
  assert.throws(() => readCertificate(forge({ ...times, serial: Buffer.alloc(21, 1) }).der), /20 octets/);
  readCertificate(forge({ ...times, serial: Buffer.alloc(20, 1) }).der);
  const one = forge({ ...times, uris: ["spiffe://a/b"] }).der;
  assert.equal(splitCertificates(Buffer.concat(new Array(64).fill(one))).length, 64);
  assert.throws(() => splitCertificates(Buffer.concat(new Array(65).fill(one))), /more than 64/);
});
