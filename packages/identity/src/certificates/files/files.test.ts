// needs: openssl
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { orderId, testAuthority } from "../authority.fixture.js";
import { CertificateErrors } from "../certificate-errors.js";
import { openssl } from "../openssl.fixture.js";
import { pem, readPem } from "./pem.js";
import { writePkcs12 } from "./pkcs12.js";

test("PEM is read back, with text around it, and OpenSSL reads it", async (t) => {
  const { authority } = await testAuthority(t);
  const { chain, privateKey } = authority.issue(orderId);
  const text = `subject: x\r\n${chain.map((der) => pem("CERTIFICATE", der)).join("\n")}${pem("PRIVATE KEY", privateKey)}`;
  assert.deepEqual(readPem("CERTIFICATE", text).map(Buffer.from), chain.map(Buffer.from));
  assert.deepEqual(Buffer.from(readPem("PRIVATE KEY", text)[0] as Uint8Array), Buffer.from(privateKey));
  assert.throws(
    () => readPem("X509 CRL", text),
    (error) => CertificateErrors.CERTIFICATE_INVALID.is(error),
  );
  const judge = openssl(t);
  assert.match(judge.run("pkey", "-noout", "-text", "-in", judge.file("key.pem", text)), /prime256v1/);
});

test("PKCS#12 is read by OpenSSL with its password and not with another", async (t) => {
  const { authority } = await testAuthority(t);
  const svid = authority.issue(orderId);
  const judge = openssl(t);
  const path = judge.file(
    "order.p12",
    writePkcs12(svid, { password: "p4ss word", authorities: authority.bundle().authorities }),
  );
  const info = judge.run(
    "pkcs12",
    "-in",
    path,
    "-passin",
    "pass:p4ss word",
    "-nodes",
    "-out",
    judge.file("out.pem", ""),
    "-info",
  );
  assert.equal(info, "");
  const text = readFileSync(`${judge.folder}/out.pem`, "utf8");
  const expected = [...svid.chain, ...authority.bundle().authorities].map((der) => Buffer.from(der).toString("base64"));
  assert.deepEqual(
    readPem("CERTIFICATE", text).map((der) => Buffer.from(der).toString("base64")),
    expected,
  );
  assert.deepEqual(Buffer.from(readPem("PRIVATE KEY", text)[0] as Uint8Array), Buffer.from(svid.privateKey));
  assert.match(text, /friendlyName: spiffe:\/\/shop\.test\/ns\/shop\/sa\/order/);
  assert.throws(() => judge.run("pkcs12", "-in", path, "-passin", "pass:other", "-nodes"), /mac verify/i);
});

test("passwords of every length are derived as OpenSSL derives them", async (t) => {
  const { authority } = await testAuthority(t);
  const svid = authority.issue(orderId);
  const judge = openssl(t);
  for (const length of [1, 30, 31, 32, 33, 63, 64, 127, 128]) {
    const password = "x".repeat(length);
    const path = judge.file("p.p12", writePkcs12(svid, { password, iterations: 10 }));
    assert.match(judge.run("pkcs12", "-in", path, "-passin", `pass:${password}`, "-nokeys"), /BEGIN CERTIFICATE/);
  }
  for (const password of ["", "x".repeat(129), "ä", "a\n"]) {
    assert.throws(
      () => writePkcs12(svid, { password }),
      (error) => CertificateErrors.CERTIFICATE_INVALID.is(error),
    );
  }
});
