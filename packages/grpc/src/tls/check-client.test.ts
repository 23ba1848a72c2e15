import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Call, Code } from "@sampan/core";
import { connect as connectH2, createCounters, ErrorCode, HeaderTemplate } from "@sampan/h2";
import { createFakeClock, EchoRequestSchema, EchoService, type LogLine, logTo } from "@sampan/testkit";
import type { GrpcOptions } from "../options.js";
import { caller, failsWith, framed, serveEcho, until } from "../testing.fixture.js";
import { authority, clientCertificate, serverCertificate } from "./certificates.fixture.js";
import { commanded } from "./commanded-source.fixture.js";
import type { CertificatePems, ServerTls } from "./credentials.js";
import { foreignClient, laterAuthority, laterClient, severalNames } from "./later-authority.fixture.js";
import { uriOf } from "./peer-identity.js";

const ca = authority + laterAuthority;

/** A server for clients of both authorities; `hang` is answered when a test says so. */
async function serve(t: TestContext, tls: Partial<ServerTls> = {}, options: GrpcOptions = {}) {
  const certificates = commanded({ ...serverCertificate, ca });
  const counters = createCounters();
  const lines: LogLine[] = [];
  const calls: Call[] = [];
  const answers: (() => void)[] = [];
  const server = { certificates, requireClientCertificate: true, ...tls };
  const { address } = await serveEcho(
    t,
    { ...options, tls: { server }, connection: { counters, ...options.connection }, logger: logTo(lines) },
    {
      unary({ text }, call) {
        calls.push(call);
        if (text !== "hang") return { text: call.peer.identity };
        return new Promise((resolve) => answers.push(() => resolve({ text: "at last" })));
      },
    },
  );
  const client = (pems: CertificatePems) =>
    caller(t, address, { tls: { client: { certificates: { ca, ...pems } } } }).root.to(EchoService);
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  return { certificates, counters, lines, calls, answers, client, port };
}

/** Refuses who is not of our trust domain. */
function ours({ subjectaltname }: DetailedPeerCertificate): Error | undefined {
  return uriOf(subjectaltname)?.startsWith("spiffe://test/") ? undefined : new Error("of another trust domain");
}

test("a client that is not accepted is refused before anything is served, and counted and logged with the reason", async (t) => {
  const { client, counters, lines, calls } = await serve(t, { checkClient: ours });
  const error = await failsWith(client(foreignClient).unary({}), Code.Unavailable);
  assert.equal(calls.length, 0);
  assert.equal(counters.peersRefused, 1);
  assert.equal(counters.connectionsOpened, 0);
  assert.deepEqual(
    lines.map(({ level, message, fields }) => [level, message, (fields.error as Error).message]),
    [["warn", "a client's certificate was refused", "of another trust domain"]],
  );
  // The client is not told why, and waits before it tries again.
  assert.match(error.message, /it may have refused our certificate$/);
  assert.equal((await client(laterClient).unary({})).text, "spiffe://test/ns/shop/sa/cart");
});

test("a check that throws has refused: a new connection, and one that is open", async (t) => {
  let broken = true;
  const { client, certificates, counters, lines } = await serve(t, {
    checkClient: () => {
      if (broken) throw new TypeError("broken");
      return undefined;
    },
  });
  const echo = client(clientCertificate);
  await failsWith(echo.unary({}), Code.Unavailable);
  assert.match(String(lines[0]?.fields.error), /broken/);
  broken = false;
  await until(() => counters.peersRefused > 0);
  const other = client(laterClient);
  await other.unary({});
  broken = true;
  certificates.tell();
  await failsWith(other.unary({}), Code.Unavailable);
});

test("the check sees the certificate with those above it; asking for one goes without saying", async (t) => {
  const seen: DetailedPeerCertificate[] = [];
  const { client } = await serve(t, {
    requireClientCertificate: false,
    checkClient: (certificate) => {
      seen.push(certificate);
      return undefined;
    },
  });
  await client(clientCertificate).unary({});
  assert.equal(seen.length, 1);
  assert.ok(seen[0]?.raw.equals(new X509Certificate(clientCertificate.cert as string).raw));
  assert.ok(seen[0]?.issuerCertificate.raw.equals(new X509Certificate(authority).raw));
  await failsWith(client({}).unary({}), Code.Unavailable);
  assert.equal(seen.length, 1);
});

test("a certificate with several URIs names nobody, and what its caller says of itself is not believed", async (t) => {
  const { client, calls } = await serve(t);
  await client(severalNames).unary({}, { user: { subject: "u1", roles: [] } });
  assert.equal(calls[0]?.peer.identity, "");
  assert.equal(calls[0]?.user, undefined);
  await client(clientCertificate).unary({}, { user: { subject: "u1", roles: [] } });
  assert.equal(calls[1]?.peer.identity, "spiffe://test/ns/shop/sa/cart");
  assert.equal(calls[1]?.user?.subject, "u1");
});

/** Revoked are those whose serial numbers are in the set. */
function revocable() {
  const revoked = new Set<string>();
  const checkClient = ({ serialNumber }: DetailedPeerCertificate) =>
    revoked.has(serialNumber) ? new Error("revoked") : undefined;
  return {
    checkClient,
    revoke: ({ cert }: CertificatePems) => revoked.add(new X509Certificate(cert as string).serialNumber),
  };
}

test("a revoked client is cut off: its call in work may end, new ones are not served; others notice nothing", async (t) => {
  const { checkClient, revoke } = revocable();
  const { client, certificates, counters, calls, answers, lines } = await serve(t, { checkClient });
  const revoked = client(clientCertificate);
  const other = client(laterClient);
  const [inWork, otherInWork] = [revoked.unary({ text: "hang" }), other.unary({ text: "hang" })];
  await until(() => calls.length === 2);
  revoke(clientCertificate);
  certificates.tell();
  await failsWith(revoked.unary({}), Code.Unavailable);
  assert.equal(calls.length, 2);
  assert.equal((await other.unary({})).text, "spiffe://test/ns/shop/sa/cart");
  for (const answer of answers) answer();
  assert.deepEqual([(await inWork).text, (await otherInWork).text], ["at last", "at last"]);
  await until(() => counters.connectionsClosed === 1);
  assert.equal(counters.connectionsOpened, 2);
  assert.equal(lines[0]?.message, "a client is refused from now on");
  assert.equal(lines[0]?.fields.identity, "spiffe://test/ns/shop/sa/cart");
  assert.ok(counters.peersRefused >= 2, "the open connection, and the attempts after it");
});

test("calls of a revoked client have drainMs, and no longer", async (t) => {
  const clock = createFakeClock(Date.now());
  const { checkClient, revoke } = revocable();
  const { client, certificates, counters, calls } = await serve(t, { checkClient, drainMs: 700 }, { clock });
  const inWork = client(clientCertificate).unary({ text: "hang" });
  await until(() => calls.length === 1);
  revoke(clientCertificate);
  certificates.tell();
  await clock.advance(699);
  assert.equal(counters.connectionsClosed, 0);
  await clock.advance(1);
  const error = await failsWith(inWork, Code.Unavailable);
  assert.match(error.message, /certificate does not count any longer/);
  assert.equal(counters.connectionsClosed, 1);
  await until(() => calls[0]?.settled === true);
});

test("a connection ends with its client's certificate, after the calls in work; that is no refusal", async (t) => {
  const ends = Math.min(
    ...[clientCertificate.cert as string, authority].map((pem) => Date.parse(new X509Certificate(pem).validTo)),
  );
  const clock = createFakeClock(ends - 1000);
  const { client, counters, calls, answers, lines } = await serve(t, {}, { clock });
  const echo = client(clientCertificate);
  const inWork = echo.unary({ text: "hang" });
  await until(() => calls.length === 1);
  await clock.advance(999);
  assert.equal(counters.goawaysSent, 0);
  await clock.advance(1);
  assert.equal(counters.goawaysSent, 1);
  answers[0]?.();
  assert.equal((await inWork).text, "at last");
  await until(() => counters.connectionsClosed === 1);
  assert.equal(counters.peersRefused, 0);
  assert.equal(lines[0]?.level, "info");
  assert.equal(clock.pending, 0);
});

test("what was on its way when a client is refused is not served, and told so in a way that lets it go elsewhere", async (t) => {
  const { checkClient, revoke } = revocable();
  const { certificates, calls, answers, port } = await serve(t, { checkClient });
  const events: string[] = [];
  const connection = await connectH2({
    to: { host: "127.0.0.1", port },
    tls: { ...clientCertificate, ca },
    listener: () => ({
      onHeaders() {},
      onData: (stream, _, start, end) => connection.consume(stream, end - start),
      onTrailers: (stream) => void events.push(`${stream.app} answered`),
      onReset: (stream, code, unprocessed) => void events.push(`${stream.app} reset ${code} ${unprocessed}`),
      onWritable() {},
      onGoaway: () => void events.push("goaway"),
      onClose: () => void events.push("closed"),
    }),
  });
  t.after(() => connection.close());
  const path = "/sampan.test.v1.EchoService/Unary";
  const fields = { ":method": "POST", ":scheme": "https", ":path": path, ":authority": "test" };
  const head = new HeaderTemplate(
    Object.entries({ ...fields, te: "trailers", "content-type": "application/grpc" }).flat(),
  );
  const send = (name: string): void => {
    const stream = connection.open(head, undefined, false, name);
    assert.ok(stream);
    connection.sendData(stream, framed(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "hang" }))), true);
  };
  send("first");
  await until(() => calls.length === 1);
  revoke(clientCertificate);
  certificates.tell();
  // The GOAWAY is written, and not yet read here.
  send("second");
  // The second GOAWAY answers the PING between both: nothing is on its way any longer.
  await until(() => events.length === 3);
  assert.deepEqual(events, ["goaway", `second reset ${ErrorCode.REFUSED_STREAM} true`, "goaway"]);
  assert.equal(calls.length, 1);
  answers[0]?.();
  await until(() => events.includes("closed"));
  assert.deepEqual(events.slice(3), ["first answered", "closed"]);
});

/** Connects, shakes hands, takes the session that is offered, and comes again with it. Tells whether it was resumed. */
async function resumes(port: number, options: ConnectionOptions): Promise<boolean> {
  const dial = (session?: Buffer): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({
        port,
        host: "127.0.0.1",
        ca,
        ALPNProtocols: ["h2"],
        ...options,
        ...(session && { session }),
      });
      socket.once("error", reject);
      // The server's first octets, so that what it sends after the handshake has been read.
      socket.once("data", () => resolve(socket));
    });
  const first = await dial();
  const session = first.getSession();
  first.destroy();
  const second = await dial(session);
  const resumed = second.isSessionReused();
  second.destroy();
  return resumed;
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`${version}: with client certificates no session is resumed, so no check is passed by`, async (t) => {
    let checks = 0;
    const checkClient = (): undefined => {
      checks++;
    };
    const { port, certificates } = await serve(t, { checkClient });
    const options = { ...clientCertificate, minVersion: version, maxVersion: version };
    assert.equal(await resumes(port, options), false);
    assert.equal(checks, 2);
    // Also by the context that a change has made.
    certificates.set({ ...serverCertificate, ca });
    assert.equal(await resumes(port, options), false);
    // Without client certificates there is nothing to pass by, and a session saves both sides work.
    const open = await serve(t, { requireClientCertificate: false });
    assert.equal(await resumes(open.port, { minVersion: version, maxVersion: version }), true);
  });
}
