import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeName, RpcError, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { verifyTrail } from "@sampan/identity/audit";
import { type Authority, authoritySource, serviceId, tlsCertificates } from "@sampan/identity/certificates";
import { EchoService } from "@sampan/testkit";
import { idOf, mtlsWorld, newAuthority } from "./mtls-world.fixture.js";

const orderMayCall = `
rules:
  - { name: order-calls, from: [order], to: [sampan.test.v1.EchoService/Unary] }
`;

test("between processes with mTLS who calls is what the certificate says, and may call what the policy says", async (t) => {
  const world = await mtlsWorld(t, orderMayCall);
  const audit = join(world.folder, "audit");
  const server = await world.serve(await world.endpointFor("echo"), { audit: { folder: audit } });
  const order = { mode: "workload", endpoint: await world.endpointFor("order") };
  const cart = { mode: "workload", endpoint: await world.endpointFor("cart") };

  assert.deepEqual(await world.call("order", order, server.target), { text: idOf("order") });
  // Its name is the one that is allowed, and its certificate another's.
  const denied = await world.call("order", cart, server.target);
  assert.equal(denied.code, "PermissionDenied");
  assert.doesNotMatch(JSON.stringify(denied), /order-calls|no rule|spiffe/);

  // The operator sees why, and what would change it.
  const page = JSON.parse(await server.page("/access"));
  assert.deepEqual(
    page.denials.map(({ identity, count }: { identity: string; count: number }) => `${identity} ${count}`),
    [`${idOf("cart")} 1`],
  );
  const { id, expiresInSeconds } = JSON.parse(await server.page("/certificates"));
  assert.equal(id, idOf("echo"));
  assert.ok(expiresInSeconds > 3000 && expiresInSeconds <= 3600, String(expiresInSeconds));
  assert.match(await server.page("/metrics"), /^sampan_certificate_expiry_seconds 3\d{3}/m);

  writeFileSync(world.policyFile, orderMayCall.replace("[order]", "[order, cart]"));
  while (server.out.split("an access policy is in force").length < 3) await server.page("/");
  assert.deepEqual(await world.call("cart", cart, server.target), { text: idOf("cart") });

  assert.equal(await server.stop(), 0);
  assert.match(server.out, /refuses a call.*sa\/cart.*no rule allows it/);
  const { problems, events } = await verifyTrail(join(audit, "echo"));
  assert.deepEqual([problems, events], [[], 1]);
});

test("a process without a certificate, and one of another trust domain, are refused before they say anything", async (t) => {
  const world = await mtlsWorld(t, "rules: [{ name: everyone, from: [anyone], to: ['*'] }]");
  const server = await world.serve(await world.endpointFor("echo"));
  const plain = await world.call("order", { mode: "none" }, server.target);
  assert.equal(plain.code, "Unavailable");
  const authority = await newAuthority(t, "other.test");
  const endpoint = await world.endpointFor("order", { authority });
  const foreign = await world.call("order", { mode: "workload", endpoint }, server.target);
  assert.equal(foreign.code, "Unavailable");
  assert.equal(await server.stop(), 0);
});

test("a server refuses clients that would take any server: without a certificate, of a stranger, of a neighbour", async (t) => {
  const world = await mtlsWorld(t, "rules: [{ name: everyone, from: [anyone], to: ['*'] }]");
  const stranger = await newAuthority(t, "stranger.test");
  const neighbour = await newAuthority(t, "neighbour.test");
  // TLS alone would take the neighbour, whose root is in the bundle.
  const server = await world.serve(await world.endpointFor("echo", { federated: neighbour }));
  const pemsOf = (authority: Authority) =>
    tlsCertificates(authoritySource({ authority, id: serviceId(authority.trustDomain, "sampan", "order") })).current();
  const ca = pemsOf(world.authority).ca;
  const ask = async (certificates: { cert?: string; key?: string }): Promise<string> => {
    const client = { certificates: { ...certificates, ca }, checkServer: () => undefined };
    const transport = grpcTransport({ tls: { client } });
    try {
      const runtime = new Runtime({ name: "test", connect: () => transport.connect(server.target) });
      const { text } = await runtime.run({ name: "t" }, (call) => call.to(EchoService).unary({ text: "" }));
      return text;
    } catch (error) {
      return codeName(RpcError.from(error).code);
    } finally {
      await transport.close();
    }
  };
  assert.equal(await ask(pemsOf(world.authority)), idOf("order"));
  assert.equal(await ask({}), "Unavailable");
  assert.equal(await ask(pemsOf(stranger)), "Unavailable");
  assert.equal(await ask(pemsOf(neighbour)), "Unavailable");
  assert.equal(await server.stop(), 0);
  assert.match(server.out, /certificate of a client is refused.*neighbour\.test/);
});

test("registry and probes are held to whom they should reach, too", async (t) => {
  const world = await mtlsWorld(t, "rules: [{ name: services, from: [echo, order], to: ['*'] }]");
  const supervisor = await world.serve(await world.endpointFor("supervisor"));
  const process = { registry: `sampan:${supervisor.target}` };
  const server = await world.serve(await world.endpointFor("echo"), { process });
  const order = { mode: "workload", endpoint: await world.endpointFor("order") };
  assert.deepEqual(await world.callBy(supervisor.target, order), { text: idOf("order") });
  // An instance that registers itself for a service that it is not.
  const servers = ["sampan.test.*=payment", "sampan.registry.*=supervisor"];
  const { code, message = "" } = await world.callBy(supervisor.target, { ...order, servers });
  assert.equal(code, "Unavailable");
  assert.match(message, /sa\/echo is refused: another peer is expected here/);
  assert.equal(await server.stop(), 0);
  assert.equal(await supervisor.stop(), 0);
});

test("each worker has a certificate and a trail of its own", async (t) => {
  const world = await mtlsWorld(t, orderMayCall);
  const audit = join(world.folder, "audit");
  const settings = { process: { workers: 2 }, audit: { folder: audit } };
  const server = await world.serve(await world.endpointFor("echo"), settings);
  const cart = { mode: "workload", endpoint: await world.endpointFor("cart") };
  // Connections go to the workers in turn.
  for (let times = 0; times < 2; times++)
    assert.equal((await world.call("cart", cart, server.target)).code, "PermissionDenied");
  assert.equal(JSON.parse(await server.page("/certificates")).id, idOf("echo"));
  assert.equal(await server.stop(), 0);
  for (const name of ["echo-1", "echo-2"]) {
    const { problems, events } = await verifyTrail(join(audit, name));
    assert.deepEqual([problems, events], [[], 1]);
  }
});

test("a start without a Workload API says which socket is silent and who should serve it", async (t) => {
  const world = await mtlsWorld(t, orderMayCall);
  const endpoint = `unix:${join(world.folder, "nobody")}`;
  const settings = { certificates: { startTimeout: "200ms" } };
  await assert.rejects(world.serve(endpoint, settings), (error: Error) => {
    assert.match(
      error.message,
      /failed certificates did not start: there is no certificate from the Workload API at unix:/,
    );
    assert.ok(error.message.includes(`${endpoint}: none has come in 200 ms`), error.message);
    return true;
  });
});

test("a caller refuses a server that is another service than the one it wants, and says which it met", async (t) => {
  const world = await mtlsWorld(t, orderMayCall);
  // Who gets hold of the socket of echo still has a certificate of cart only.
  const server = await world.serve(await world.endpointFor("cart"));
  const order = { mode: "workload", endpoint: await world.endpointFor("order") };
  const { code, message = "" } = await world.call("order", order, server.target);
  assert.equal(code, "Unavailable");
  assert.match(message, /sa\/cart is refused: another peer is expected here/);
  assert.equal(await server.stop(), 0);
});
