import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { Code } from "@sampan/core";
import { createCounters } from "@sampan/h2";
import { createFakeClock, EchoService } from "@sampan/testkit";
import type { GrpcOptions } from "../options.js";
import { caller, failsWith, serveEcho, until } from "../testing.fixture.js";
import { authority, secondCertificate, serverCertificate } from "./certificates.fixture.js";
import { commanded } from "./commanded-source.fixture.js";
import type { ClientTls } from "./credentials.js";
import { uriOf } from "./peer-identity.js";

/** A client of a server whose `hang` is answered when a test says so. */
async function clientOf(t: TestContext, tls: Partial<ClientTls> = {}, options: GrpcOptions = {}) {
  const counters = createCounters();
  const answers: (() => void)[] = [];
  const server = commanded(serverCertificate);
  const { address } = await serveEcho(
    t,
    { tls: { server: { certificates: server } } },
    {
      unary({ text }) {
        if (text !== "hang") return { text };
        return new Promise((resolve) => answers.push(() => resolve({ text: "at last" })));
      },
    },
  );
  const certificates = commanded({ ca: authority });
  const { root, channel } = caller(t, address, {
    ...options,
    tls: { client: { certificates, ...tls } },
    connection: { counters },
  });
  return { echo: root.to(EchoService), channel, counters, answers, certificates, server };
}

/** Nine tenths of the server certificate's life are over at `ages`, all of it at `ends`. */
const { validFrom, validTo } = new X509Certificate(serverCertificate.cert as string);
const ends = Math.min(Date.parse(validTo), Date.parse(new X509Certificate(authority).validTo));
const ages = Date.parse(validFrom) + (ends - Date.parse(validFrom)) * 0.9;

test("a server that is not believed any longer gets no new calls; those in work have drainMs", async (t) => {
  const clock = createFakeClock(Date.now());
  let refused = "";
  const hosts = new Set<string>();
  const { echo, certificates, counters, answers } = await clientOf(
    t,
    {
      drainMs: 300,
      checkServer: (host, { subjectaltname }) => {
        hosts.add(host);
        return uriOf(subjectaltname) === refused ? new Error("revoked") : undefined;
      },
    },
    { clock },
  );
  const [ending, hanging] = [echo.unary({ text: "hang" }), echo.unary({ text: "hang" })];
  await until(() => answers.length === 2);
  refused = "spiffe://test/ns/shop/sa/order";
  certificates.tell();
  const error = await failsWith(echo.unary({}), Code.Unavailable);
  assert.match(error.message, /revoked/);
  answers[0]?.();
  assert.equal((await ending).text, "at last");
  await clock.advance(299);
  assert.equal(counters.connectionsClosed, 0);
  await clock.advance(1);
  assert.match((await failsWith(hanging, Code.Unavailable)).message, /not accepted any longer: revoked/);
  assert.equal(counters.connectionsClosed, 1);
  // What was asked in the handshake is asked again in the same words.
  assert.deepEqual([...hosts], ["127.0.0.1"]);
  refused = "";
  await clock.advance(1000);
  assert.equal((await echo.unary({ text: "mended" })).text, "mended");
});

test("a server whose authority is not trusted any longer is left, without a check of its own", async (t) => {
  const { echo, certificates, counters } = await clientOf(t);
  await echo.unary({});
  certificates.set({ ca: new X509Certificate(secondCertificate.cert as string).toString() });
  await until(() => counters.connectionsClosed === 1);
  await failsWith(echo.unary({}), Code.Unavailable);
  certificates.set({ ca: authority });
  await until(() => counters.connectionsOpened === 1);
});

test("a connection is replaced before its server's certificate ends: a stream goes on, and no call waits", async (t) => {
  const clock = createFakeClock(ages - 1000);
  const { echo, counters, answers } = await clientOf(t, {}, { clock });
  const inWork = echo.unary({ text: "hang" });
  await until(() => answers.length === 1);
  await clock.advance(999);
  assert.equal(counters.connectionsOpened, 1);
  await clock.advance(1);
  await until(() => counters.goawaysSent === 1);
  assert.equal(counters.connectionsOpened, 2);
  assert.equal(counters.connectionsClosed, 0);
  assert.equal((await echo.unary({ text: "on the new one" })).text, "on the new one");
  answers[0]?.();
  assert.equal((await inWork).text, "at last");
  await until(() => counters.connectionsClosed === 1);
  // The new one shows the same certificate, and is not replaced for it again.
  await clock.advance(ends - clock.now() - 1);
  assert.equal(counters.connectionsOpened, 2);
});

test("no connection outlives its server's certificate", async (t) => {
  const clock = createFakeClock(ends - 1000);
  const { echo, counters, answers } = await clientOf(t, { drainMs: 300 }, { clock, idleTimeoutMs: 0 });
  const inWork = echo.unary({ text: "hang" });
  await until(() => answers.length === 1);
  await clock.advance(1000);
  assert.equal(counters.goawaysSent, 1);
  await clock.advance(300);
  assert.match((await failsWith(inWork, Code.Unavailable)).message, /has expired/);
  assert.equal(counters.connectionsClosed, 1);
});

test("a channel without calls makes no connection because certificates change", async (t) => {
  const { channel, certificates, counters } = await clientOf(t);
  assert.ok(channel);
  certificates.set({ ...secondCertificate, ca: authority });
  await until(() => true);
  assert.equal(counters.connectionsOpened, 0);
});
