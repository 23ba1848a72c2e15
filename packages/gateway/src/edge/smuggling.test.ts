import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { unfitHeader } from "../routing/pass-headers.js";
import { contractOf } from "../testing/contract.fixture.js";
import { rawClient } from "../testing/raw-client.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const post = (value: string) => ({ pattern: { case: "post" as const, value }, body: "*" });
const contract = contractOf({
  Public: { http: post("/public"), rules: { access: Access.PUBLIC, passHeaders: ["x-pay-signature"] } },
  Address: { http: post("/address"), rules: { access: Access.PUBLIC, passClientAddress: true } },
  User: { http: post("/user"), rules: { access: Access.USER, passClientAddress: true } },
});

let world: World;
before(async () => {
  world = await worldOf([contract], { tenant: "shop" });
});
after(() => world.close());

/** Headers by which something in the platform, or in front of it, says who somebody is. */
const names = [
  ...["x-sampan-user", "x-sampan-tenant", "x-sampan-caller", "x-sampan-release", "x-sampan-baggage", "sampan-user"],
  ...["x_sampan_user", "x_sampan_tenant", "X_SAMPAN_CALLER", "x-sampan_tenant", "X-Sampan-User"],
  ...["grpc-metadata-x-sampan-user", "grpc-encoding", "grpc-tags-bin", "grpc-trace-bin", "x-sampan-user-bin"],
  ...["x-envoy-peer-metadata", "x-envoy-internal", "x-forwarded-client-cert", "x-forwarded-for", "x-forwarded-user"],
  ...["forwarded", "x-real-ip", "client-address", "x-client-ip", "true-client-ip", "baggage", "tracestate", "cookie"],
  ...["proxy-authorization", "x-user-id", "x-tenant", "x-tenant-id", "tenant", "user", "roles", "scopes", ":authority"],
];

const send = async (path: string, headers: Record<string, string>) => {
  const client = rawClient(world.port);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const fixed = "host: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n";
  client.write(`POST ${path} HTTP/1.1\r\n${fixed}${lines.join("")}\r\n{}`);
  return (await client.received).slice(9, 12);
};

describe("identity and tenant from outside", () => {
  for (const name of names.filter((each) => !each.startsWith(":"))) {
    test(`${name} says nothing to a service`, async () => {
      for (const value of ["root", "acme", "127.0.0.1"]) {
        assert.equal(await send("/public", { [name]: value }), "200");
        const call = world.calls.at(-1);
        assert.deepEqual([...(call?.metadata ?? [])], []);
        assert.deepEqual([call?.user, call?.tenant, call?.releaseTag], [undefined, "shop", ""]);
        assert.deepEqual([call?.baggage.size, call?.peer.identity], [0, "edge"]);
      }
    });
  }

  test("beside a token they change nothing of what the token says", async () => {
    const forged = Object.fromEntries(names.filter((each) => !each.startsWith(":")).map((name) => [name, "evil"]));
    assert.equal(await send("/user", { ...forged, authorization: "Bearer user" }), "200");
    const call = world.calls.at(-1);
    assert.deepEqual([call?.user, call?.tenant], [{ subject: "u-1", roles: ["user"] }, "acme"]);
    assert.deepEqual([...(call?.metadata ?? [])], [["client-address", "127.0.0.1"]]);
  });

  test("a pseudo header is no header of HTTP/1.1", async () => {
    const before = world.calls.length;
    assert.equal(await send("/public", { ":authority": "evil" }), "400");
    assert.equal(world.calls.length, before);
  });

  test("no contract can let one of them pass, however it is written", () => {
    for (const name of names.map((each) => each.toLowerCase())) {
      const own =
        /^(x-real-ip|client-address|x-client-ip|true-client-ip|x-user-id|x-tenant(-id)?|tenant|user|roles|scopes)$/;
      if (!own.test(name)) assert.notEqual(unfitHeader(name), undefined, name);
    }
  });

  test("two tokens in two headers are none", async () => {
    const client = rawClient(world.port);
    const twice = "authorization: Bearer user\r\nAuthorization: Bearer operator\r\n";
    client.write(`POST /user HTTP/1.1\r\nhost: x\r\n${twice}content-length: 0\r\nconnection: close\r\n\r\n`);
    assert.match(await client.received, /^HTTP\/1\.1 401[\s\S]*several Authorization headers/);
  });

  test("what comes in trailers is no header", async () => {
    const client = rawClient(world.port);
    const head = "host: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n";
    const trailers = "x-pay-signature: forged\r\nauthorization: Bearer operator\r\nx-sampan-tenant: evil\r\n";
    client.write(`POST /public HTTP/1.1\r\n${head}\r\n2\r\n{}\r\n0\r\n${trailers}\r\n`);
    assert.match(await client.received, /^HTTP\/1\.1 200/);
    const call = world.calls.at(-1);
    assert.deepEqual([[...(call?.metadata ?? [])], call?.tenant], [[], "shop"]);
  });
});

describe("a second request hidden in the first", () => {
  const inner = "POST /user HTTP/1.1\r\nhost: x\r\nauthorization: Bearer operator\r\ncontent-length: 0\r\n\r\n";
  for (const [what, headers] of [
    ["two lengths", `content-length: ${inner.length}\r\ncontent-length: 0\r\n`],
    ["two lengths in one header", `content-length: 0, ${inner.length}\r\n`],
    ["the same length twice", "content-length: 0\r\ncontent-length: 0\r\n"],
    ["a length and chunks", "content-length: 0\r\ntransfer-encoding: chunked\r\n"],
    ["chunks and a length", "transfer-encoding: chunked\r\ncontent-length: 0\r\n"],
    ["an encoding that is not known", "transfer-encoding: xchunked\r\n"],
    ["chunks that are not the last encoding", "transfer-encoding: chunked, identity\r\n"],
    ["an encoding with a space in its name", "transfer-encoding : chunked\r\ncontent-length: 0\r\n"],
    ["a length with a sign", "content-length: +0\r\n"],
    ["a length in hex", "content-length: 0x0\r\n"],
    ["a folded header", "content-length: 0\r\n x-sampan-user: root\r\n"],
    ["a header ended by a carriage return", "content-length: 0\rx-sampan-user: root\r\n"],
    ["a NUL in a header", "x-a: \u0000\r\ncontent-length: 0\r\n"],
    ["a line end in a name", "x-a\nx-sampan-user: root\r\ncontent-length: 0\r\n"],
  ] as const) {
    test(`by ${what}: refused, and nothing after it is looked at`, async () => {
      const before = world.calls.length;
      const client = rawClient(world.port);
      client.write(`POST /public HTTP/1.1\r\nhost: x\r\n${headers}\r\n${inner}`);
      const received = await client.received;
      assert.match(received, /^HTTP\/1\.1 400/);
      assert.equal(received.match(/HTTP\/1\.1 [0-9]{3}/g)?.length, 1, received);
      assert.equal(world.calls.length, before);
    });
  }

  test("by an upgrade to HTTP/2: the protocol stays", async () => {
    assert.equal(await send("/public", { upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__" }), "200");
  });
});

test("the client's address is the connection's, whatever it says, until proxies are named", async () => {
  assert.equal(await send("/address", { "x-forwarded-for": "1.2.3.4", "client-address": "1.2.3.4" }), "200");
  assert.deepEqual([...(world.calls.at(-1)?.metadata ?? [])], [["client-address", "127.0.0.1"]]);
  const behind = await worldOf([contract], { trustedProxies: ["127.0.0.0/8"] });
  try {
    const headers = { "x-forwarded-for": "1.2.3.4, 203.0.113.5", forwarded: "for=1.2.3.4" };
    await behind.fetch("/address", { method: "POST", json: {}, headers });
    assert.deepEqual([...(behind.calls.at(-1)?.metadata ?? [])], [["client-address", "203.0.113.5"]]);
  } finally {
    await behind.close();
  }
});
