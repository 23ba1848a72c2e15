import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { TokenClaims } from "@sampan/core/ports";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { contractOf } from "../testing/contract.fixture.js";
import { eventually } from "../testing/eventually.fixture.js";
import { rawClient } from "../testing/raw-client.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const at = (path: string) => ({ pattern: { case: "get" as const, value: path } });
const contract = contractOf({
  Public: { http: at("/public"), rules: { access: Access.PUBLIC, passHeaders: ["x-signature", "x-absent"] } },
  User: { http: at("/user"), rules: { access: Access.USER } },
  Operator: { http: at("/operator"), rules: { access: Access.OPERATOR } },
  Internal: { http: at("/internal"), rules: { access: Access.INTERNAL } },
});

let world: World;
before(async () => {
  world = await worldOf([contract], { tenant: "shop" });
});
after(() => world.close());

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return world.fetch(path, { headers });
}

test("a token gives the call its user and tenant", async () => {
  assert.equal((await get("/user", { authorization: "Bearer user" })).status, 200);
  const call = world.calls.at(-1);
  assert.deepEqual([call?.user, call?.tenant], [{ subject: "u-1", roles: ["user"] }, "acme"]);
  assert.equal((await get("/operator", { authorization: "bearer operator" })).status, 200);
});

for (const [why, path, authorization, status, message] of [
  ["no token", "/user", undefined, 401, /there is no Authorization header/],
  ["another scheme", "/user", "Basic dXNlcg==", 401, /not a bearer token/],
  ["an empty token", "/user", "Bearer ", 401, /not a bearer token/],
  ["two tokens", "/user", "Bearer user, Bearer user", 401, /not a bearer token/],
  ["an unknown token", "/user", "Bearer forged", 401, /the token is not valid/],
  ["a user on an operator's method", "/operator", "Bearer user", 403, /needs the role operator/],
  ["an operator on a user's method", "/user", "Bearer operator", 403, /needs the role user/],
] as const) {
  test(`refuses ${why}`, async () => {
    const before = world.calls.length;
    const response = await get(path, authorization === undefined ? {} : { authorization });
    assert.equal(response.status, status);
    assert.match(await response.text(), message);
    assert.equal(response.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
    assert.equal(world.calls.length, before, "the service was called");
  });
}

test("internal methods are not there", async () => {
  assert.equal((await get("/internal", { authorization: "Bearer operator" })).status, 404);
});

test("public methods need no token, and a bad one does no harm", async () => {
  assert.equal((await get("/public", { authorization: "Bearer forged" })).status, 200);
  const call = world.calls.at(-1);
  assert.deepEqual([call?.user, call?.tenant], [undefined, "shop"]);
});

test("only the contract's headers become metadata, and none of them says who calls", async () => {
  await get("/public", {
    "x-signature": "abc",
    "x-other": "1",
    authorization: "Bearer user",
    cookie: "a=b",
    "x-tenant": "evil",
    "x-sampan-tenant": "evil",
    "sampan-user": "root",
    "grpc-metadata-user": "root",
    baggage: "tenant=evil",
  });
  const call = world.calls.at(-1);
  assert.deepEqual([...(call?.metadata ?? [])], [["x-signature", "abc"]]);
  assert.deepEqual([call?.tenant, call?.user, call?.baggage.size, call?.peer.identity], ["shop", undefined, 0, "edge"]);
});

test("a passed header that could not be metadata is refused", async () => {
  const response = await get("/public", { "x-signature": "caf\u00e9" });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /x-signature is not valid/);
});

test("what breaks in the verifier stays inside", async () => {
  const broken = await worldOf([contract], {
    verifier: { verify: () => Promise.reject(new Error("redis://10.0.0.1 is down")) },
  });
  try {
    const response = await broken.fetch("/user", { headers: { authorization: "Bearer user" } });
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /redis/);
    assert.ok(
      broken.logs.some((line) => line.includes("redis")),
      "it is logged",
    );
  } finally {
    await broken.close();
  }
});

test("a verifier that hangs is cut off at the deadline", async () => {
  const stuck = await worldOf([contract], { verifier: { verify: () => new Promise(() => {}) }, defaultTimeoutMs: 30 });
  try {
    const response = await stuck.fetch("/user", { headers: { authorization: "Bearer user" } });
    assert.equal(response.status, 504);
  } finally {
    await stuck.close();
  }
});

test("a verifier's error keeps its code", async () => {
  const down = await worldOf([contract], {
    verifier: { verify: () => Promise.reject(new RpcError(Code.Unavailable, "keys are being fetched")) },
  });
  try {
    assert.equal((await down.fetch("/user", { headers: { authorization: "Bearer user" } })).status, 503);
  } finally {
    await down.close();
  }
});

test("a client that leaves while its token is checked makes no call", { timeout: 5_000 }, async () => {
  let checked = (_: TokenClaims): void => {};
  let asked = (): void => {};
  const asking = new Promise<void>((resolve) => (asked = resolve));
  const verify = () =>
    new Promise<TokenClaims>((resolve) => {
      checked = resolve;
      asked();
    });
  const slow = await worldOf([contract], { verifier: { verify } });
  try {
    const client = rawClient(slow.port);
    client.write("GET /user HTTP/1.1\r\nhost: x\r\nauthorization: Bearer user\r\n\r\n");
    await asking;
    client.socket.destroy();
    await eventually("noticing", () => slow.gateway.inFlight === 0);
    checked({ subject: "u-1", roles: ["user"], tenant: "acme" });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(slow.calls.length, 0);
  } finally {
    await slow.close();
  }
});
