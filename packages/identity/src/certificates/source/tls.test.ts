import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { type RpcError, systemClock } from "@sampan/core";
import { type Authority, createAuthority } from "../authority/authority.js";
import { memoryAuthorityStore } from "../authority/authority-store.js";
import { cartId, orderId } from "../authority.fixture.js";
import { CertificateErrors } from "../certificate-errors.js";
import { type NodeCertificate, type PeerVerifierOptions, peerVerifier } from "../verify/peer-verifier.js";
import { readCertificate } from "../x509/read-certificate.js";
import { authoritySource } from "./authority-source.js";
import { tlsCertificates } from "./tls-certificates.js";
import type { X509Source } from "./x509-source.js";

async function authorityOf(t: TestContext, trustDomain = "shop.test"): Promise<Authority> {
  const authority = await createAuthority(trustDomain, { store: memoryAuthorityStore(), clock: systemClock });
  t.after(() => authority.close());
  return authority;
}

function sourceOf(t: TestContext, authority: Authority, id: string, federated: readonly Authority[] = []): X509Source {
  const source = authoritySource({ authority, id, federated: federated.map((each) => each.bundle()) });
  t.after(() => source.close());
  return source;
}

/** A server that asks for certificates and says whom it has seen, or why not. */
async function serve(t: TestContext, source: X509Source, options: Partial<PeerVerifierOptions> = {}): Promise<Server> {
  const verifier = peerVerifier({ source, ...options });
  const server = createServer({ ...tlsCertificates(source).current(), requestCert: true, rejectUnauthorized: true });
  server.on("secureConnection", (socket) => {
    const certificate = socket.getPeerCertificate(true) as unknown as NodeCertificate;
    const refused = verifier.check(certificate);
    socket.on("error", () => {});
    if (refused !== undefined) socket.end(refused.message);
    else socket.on("data", (data) => socket.write(`${readCertificate(certificate.raw).uris[0]} says ${data}`));
    if (refused === undefined) socket.write("welcome");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return server;
}

/** Connects as the client of `@sampan/grpc` does. Rejects with what its own check says. */
function dial(
  t: TestContext,
  server: Server,
  source: X509Source,
  options: Partial<PeerVerifierOptions> = {},
): Promise<TLSSocket> {
  const verifier = peerVerifier({ source, ...options });
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: (server.address() as AddressInfo).port,
      host: "127.0.0.1",
      ...tlsCertificates(source).current(),
      checkServerIdentity: (_, certificate) => verifier.check(certificate as unknown as NodeCertificate),
    });
    t.after(() => socket.destroy());
    socket.once("error", reject);
    socket.once("secureConnect", () => resolve(socket));
  });
}

function hears(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => socket.once("data", (data) => resolve(data.toString())));
}

test("both sides know each other by their ids, over real TLS", async (t) => {
  const authority = await authorityOf(t);
  const server = await serve(t, sourceOf(t, authority, orderId));
  const socket = await dial(t, server, sourceOf(t, authority, cartId), { accept: (id) => id === orderId });
  assert.equal(await hears(socket), "welcome");
  socket.write("hello");
  assert.equal(await hears(socket), `${cartId} says hello`);
});

test("a client refuses a server with another id", async (t) => {
  const authority = await authorityOf(t);
  const server = await serve(t, sourceOf(t, authority, orderId));
  await assert.rejects(
    dial(t, server, sourceOf(t, authority, cartId), { accept: (id) => id === cartId }),
    (error: RpcError) =>
      CertificateErrors.CERTIFICATE_REFUSED.is(error) && error.info?.metadata.refusal === "not-accepted",
  );
});

test("a revoked client is refused by the next handshake, and the reason is counted", async (t) => {
  const authority = await authorityOf(t);
  const refusals: string[] = [];
  const server = await serve(t, sourceOf(t, authority, orderId), { refused: (refusal) => refusals.push(refusal) });
  const client = sourceOf(t, authority, cartId);
  assert.equal(await hears(await dial(t, server, client)), "welcome");
  await authority.revokeId(cartId);
  assert.match(await hears(await dial(t, server, client)), /its SPIFFE id is revoked/);
  assert.deepEqual(refusals, ["revoked"]);
});

test("another trust domain is refused; when it is federated, it is believed for its own ids, where that is asked for", async (t) => {
  const shop = await authorityOf(t);
  const other = await authorityOf(t, "other.test");
  const theirs = "spiffe://other.test/ns/x/sa/y";
  // Trusted by TLS, not by the verifier: only the own domain is taken unless others are named.
  const server = await serve(t, sourceOf(t, shop, orderId, [other]));
  assert.match(
    await hears(await dial(t, server, sourceOf(t, other, theirs, [shop]), { trustDomains: ["shop.test"] })),
    /nobody here speaks for/,
  );
  const open = await serve(t, sourceOf(t, shop, orderId, [other]), { trustDomains: ["shop.test", "other.test"] });
  assert.equal(
    await hears(await dial(t, open, sourceOf(t, other, theirs, [shop]), { trustDomains: ["shop.test"] })),
    "welcome",
  );
  await assert.rejects(
    dial(t, open, sourceOf(t, other, theirs)),
    /self-signed certificate in certificate chain|unable to/,
  );
});

test("certificates change under a connection, which goes on; the next one shows the new", async (t) => {
  const authority = await authorityOf(t);
  const source = sourceOf(t, authority, orderId);
  const server = await serve(t, source);
  const client = sourceOf(t, authority, cartId);
  const before = await dial(t, server, client);
  assert.equal(await hears(before), "welcome");
  const shown = (socket: TLSSocket): string => socket.getPeerCertificate().serialNumber;
  const renewed = sourceOf(t, authority, orderId);
  server.setSecureContext(tlsCertificates(renewed).current());
  const after = await dial(t, server, client);
  assert.notEqual(shown(after), shown(before));
  before.write("still");
  assert.equal(await hears(before), `${cartId} says still`);
});
