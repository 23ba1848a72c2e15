import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, Code } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { caller, failsWith, serveEcho, until } from "../testing.fixture.js";
import { authority, clientCertificate, secondCertificate, serverCertificate } from "./certificates.fixture.js";
import { type CertificateFiles, type CertificatePems, certificateFiles } from "./credentials.js";
import { uriOf } from "./peer-identity.js";

test("mTLS: the certificate says who calls, whatever the headers say; without one there is no connection", async (t) => {
  const seen: Call[] = [];
  const server = { certificates: { ...serverCertificate, ca: authority }, requireClientCertificate: true };
  const { address } = await serveEcho(
    t,
    { tls: { server } },
    { unary: (_, call) => ({ number: BigInt(seen.push(call)) }) },
  );
  const { root } = caller(t, address, { tls: { client: { certificates: { ...clientCertificate, ca: authority } } } });
  await root.to(EchoService).unary({}, { user: { subject: "u1", roles: [] } });
  assert.equal(seen[0]?.peer.identity, "spiffe://test/ns/shop/sa/cart");
  assert.match(seen[0]?.peer.address ?? "", /^ipv4:127\.0\.0\.1:\d+$/);
  assert.equal(seen[0]?.user?.subject, "u1");
  const stranger = caller(t, address, { tls: { client: { certificates: { ca: authority } } } });
  await failsWith(stranger.root.to(EchoService).unary({}), Code.Unavailable);
});

test("a server whose name or authority is wrong is refused", async (t) => {
  const { address } = await serveEcho(t, { tls: { server: { certificates: serverCertificate } } });
  const unknown = caller(t, address, { tls: { client: {} } });
  await failsWith(unknown.root.to(EchoService).unary({}), Code.Unavailable);
  const otherName = caller(t, address, { tls: { client: { certificates: { ca: authority }, serverName: "other" } } });
  await failsWith(otherName.root.to(EchoService).unary({}), Code.Unavailable);
  const plain = caller(t, address);
  await failsWith(plain.root.to(EchoService).unary({}, { timeoutMs: 5000 }), Code.Unavailable);
});

test("a server may be known by its SPIFFE id instead of its name", async (t) => {
  const { address } = await serveEcho(t, { tls: { server: { certificates: serverCertificate } } });
  const checked = (id: string) => ({
    certificates: { ca: authority },
    checkServer: (_: string, { subjectaltname }: { readonly subjectaltname?: string }) =>
      uriOf(subjectaltname) === id ? undefined : new Error(`this is not ${id}`),
  });
  const right = caller(t, address, { tls: { client: checked("spiffe://test/ns/shop/sa/order") } });
  assert.equal((await right.root.to(EchoService).unary({ text: "hi" })).text, "hi");
  const wrong = caller(t, address, { tls: { client: checked("spiffe://test/ns/shop/sa/cart") } });
  await failsWith(wrong.root.to(EchoService).unary({}), Code.Unavailable);
});

function write(t: TestContext, pems: CertificatePems): Required<Omit<CertificateFiles, "ca">> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-grpc-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key"), intervalMs: 10 };
  writeFileSync(files.cert, pems.cert as string);
  writeFileSync(files.key, pems.key as string);
  return files;
}

/** Writes the files again, and makes sure that their time differs. */
function replace(files: { cert: string; key: string }, pems: CertificatePems): void {
  writeFileSync(files.key, pems.key as string);
  writeFileSync(files.cert, pems.cert as string);
  const later = new Date(Date.now() + 5000);
  for (const path of [files.cert, files.key]) utimesSync(path, later, later);
}

test("certificates in files are read again: new connections get the new one, open ones go on", async (t) => {
  const files = write(t, serverCertificate);
  const { address } = await serveEcho(t, { tls: { server: { certificates: certificateFiles(files) } } });
  const shown = async (): Promise<string> => {
    let id: string | undefined = "";
    const checkServer = (_: string, { subjectaltname }: { readonly subjectaltname?: string }): undefined => {
      id = uriOf(subjectaltname);
    };
    const { root } = caller(t, address, { tls: { client: { certificates: { ca: authority }, checkServer } } });
    await root.to(EchoService).unary({});
    return id;
  };
  const before = caller(t, address, { tls: { client: { certificates: { ca: authority } } } });
  await before.root.to(EchoService).unary({});
  assert.equal(await shown(), "spiffe://test/ns/shop/sa/order");
  replace(files, secondCertificate);
  await sleep(60);
  assert.equal(await shown(), "spiffe://test/ns/shop/sa/second");
  assert.equal((await before.root.to(EchoService).unary({ text: "still" })).text, "still");
});

test("a client's certificate in files is read again: new connections show the new one, and the one that is there is replaced", async (t) => {
  const seen: string[] = [];
  const server = { certificates: { ...serverCertificate, ca: authority }, requireClientCertificate: true };
  const { address } = await serveEcho(
    t,
    { tls: { server } },
    { unary: (_, call) => ({ number: BigInt(seen.push(call.peer.identity)) }) },
  );
  const files = { ...write(t, clientCertificate), ca: "" };
  files.ca = join(files.cert, "..", "ca.crt");
  writeFileSync(files.ca, authority);
  const options = { tls: { client: { certificates: certificateFiles(files) } } };
  const before = caller(t, address, options);
  await before.root.to(EchoService).unary({});
  replace(files, secondCertificate);
  await before.root.to(EchoService).unary({});
  await caller(t, address, options).root.to(EchoService).unary({});
  const [cart, second] = ["spiffe://test/ns/shop/sa/cart", "spiffe://test/ns/shop/sa/second"];
  assert.deepEqual(seen, [cart, cart, second]);
  for (let i = 0; i < 400 && (i === 0 || seen.at(-1) === cart); i++) {
    await sleep(5);
    await before.root.to(EchoService).unary({});
  }
  assert.equal(seen.at(-1), second);
});

test("files that cannot be read leave the last good certificates in place", async (t) => {
  const files = write(t, serverCertificate);
  const source = certificateFiles(files);
  let changes = 0;
  const unwatch = source.watch(() => changes++);
  rmSync(files.key);
  await sleep(40);
  assert.equal(String(source.current().cert), serverCertificate.cert);
  assert.equal(changes, 0);
  replace(files, secondCertificate);
  await until(() => changes === 1);
  assert.equal(String(source.current().key), secondCertificate.key);
  unwatch();
});

test("a name that hides another in itself does not count", () => {
  assert.equal(uriOf("DNS:a, URI:spiffe://x/y, DNS:b"), "spiffe://x/y");
  assert.equal(uriOf('DNS:"a, URI:spiffe://forged", DNS:b'), "");
  assert.equal(uriOf("DNS:a"), "");
  assert.equal(uriOf(undefined), "");
});

test("several URIs are no identity, nor is one that is written in a strange way", () => {
  assert.equal(uriOf("URI:spiffe://x/y, DNS:a, URI:spiffe://z"), undefined);
  assert.equal(uriOf("URI:spiffe://x/y, URI:spiffe://x/y"), undefined);
  assert.equal(uriOf('URI:spiffe://x/y, URI:"spiffe://z,"'), undefined);
  assert.equal(uriOf('URI:"spiffe://x, y"'), undefined);
  assert.equal(uriOf("URI:"), undefined);
});
