import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Dispatcher, Runtime, systemClock } from "@sampan/core";
import { grpcTransport, type ServerTls } from "@sampan/grpc";
import {
  type Authority,
  authoritySource,
  createAuthority,
  memoryAuthorityStore,
  type TlsPems,
  tlsCertificates,
} from "@sampan/identity/certificates";
import { knock } from "./door.js";

const makeAuthority = (domain: string): Promise<Authority> =>
  createAuthority(domain, { store: memoryAuthorityStore(), clock: systemClock });

function pemsOf(t: TestContext, authority: Authority, service: string): TlsPems {
  const source = authoritySource({ authority, id: `spiffe://${authority.trustDomain}/ns/shop/sa/${service}` });
  t.after(() => {
    source.close();
    authority.close();
  });
  return tlsCertificates(source).current();
}

/** A server on a unix socket; its address. */
async function serving(t: TestContext, server: ServerTls | undefined): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-door-"));
  const address = `unix:${join(folder, "socket")}`;
  const transport = grpcTransport({ address, ...(server === undefined ? {} : { tls: { server } }) });
  const connect = (): never => assert.fail("nobody is called");
  await transport.listen(new Dispatcher(new Runtime({ name: "served", connect }), []));
  t.after(async () => {
    await transport.close();
    rmSync(folder, { recursive: true });
  });
  return address;
}

test("mTLS lets in who has a certificate of its authority, and nobody else", async (t) => {
  const authority = await makeAuthority("shop.test");
  const own = pemsOf(t, authority, "order");
  const address = await serving(t, { certificates: own, requireClientCertificate: true });
  const known = await knock(address, pemsOf(t, authority, "cart"));
  assert.equal(known.served, true);
  assert.match(known.certificate?.subjectaltname ?? "", /spiffe:\/\/shop\.test\/ns\/shop\/sa\/order/);
  const foreign = pemsOf(t, await makeAuthority("other.test"), "order");
  for (const shown of ["plain", {}, { ca: own.ca }, foreign] as const)
    assert.equal((await knock(address, shown)).served, false, JSON.stringify(shown).slice(0, 40));
});

test("a server without TLS lets plain callers in, and one that asks for no certificate those without", async (t) => {
  assert.equal((await knock(await serving(t, undefined), "plain")).served, true);
  const own = pemsOf(t, await makeAuthority("shop.test"), "order");
  assert.equal((await knock(await serving(t, { certificates: own }), {})).served, true);
});

test("nobody there is nobody who serves", async () => {
  assert.equal((await knock(`unix:${join(tmpdir(), "sampan-nobody")}`, "plain")).served, false);
});
