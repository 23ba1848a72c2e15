import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import type { SignaturePolicy } from "../index.js";
import { contractOf } from "../testing/contract.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const post = (value: string) => ({ pattern: { case: "post" as const, value }, body: "*" });
const contract = contractOf({
  Public: {
    http: post("/public"),
    rules: { access: Access.PUBLIC, passClientAddress: true, passHeaders: ["client-address"] },
  },
  User: { http: post("/user"), rules: { access: Access.USER } },
  Either: { http: post("/either"), rules: { access: Access.USER, roles: ["user", "operator"] } },
  Scoped: { http: post("/scoped"), rules: { access: Access.OPERATOR, scopes: ["things.manage"] } },
});

/** Signed is what says its target and body. */
const policy: SignaturePolicy = {
  header: "x-signed",
  requires: (_, claims) => claims?.roles.includes("user") === true,
  async verify({ method, target, header, claims }) {
    if (header === undefined || !header.startsWith(`${method} ${target} ${claims?.subject} `))
      throw new RpcError(Code.Unauthenticated, "not signed");
    return (body) => {
      if (!header.endsWith(` ${Buffer.from(body)}`)) throw new RpcError(Code.Unauthenticated, "another body");
    };
  },
};

let world: World;
before(async () => {
  world = await worldOf([contract], { signatures: policy });
});
after(() => world.close());

const send = async (path: string, token: string, signed?: string, body = '{"name":"tea"}'): Promise<number> => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const all = signed === undefined ? headers : { ...headers, "x-signed": signed };
  return (await world.fetch(path, { method: "POST", body, headers: all })).status;
};

test("signature stripping: a request that must be signed and is not reaches no service", async () => {
  const calls = world.calls.length;
  assert.equal(await send("/user", "user"), 401);
  assert.equal(await send("/user", "user", 'POST /user u-2 {"name":"tea"}'), 401);
  assert.equal(await send("/user?count=1", "user", 'POST /user u-1 {"name":"tea"}'), 401);
  assert.equal(await send("/user", "user", 'POST /user u-1 {"name":"salt"}'), 401);
  assert.equal(world.calls.length, calls);
  assert.equal(await send("/user", "user", 'POST /user u-1 {"name":"tea"}'), 200);
});

test("who need not sign is not asked to", async () => {
  assert.equal(await send("/public", "user"), 200);
  assert.equal(await send("/either", "operator"), 200);
});

test("one of the contract's roles is enough, and every scope is needed", async () => {
  assert.equal(await send("/either", "user", 'POST /either u-1 {"name":"tea"}'), 200);
  assert.equal(await send("/scoped", "operator"), 403);
  const verifier = {
    verify: async () => ({ subject: "o", roles: ["operator"], tenant: "t", scopes: ["things.manage"] }),
  };
  const scoped = await worldOf([contract], { verifier });
  try {
    const headers = { authorization: "Bearer x" };
    assert.equal((await scoped.fetch("/scoped", { method: "POST", json: {}, headers })).status, 200);
    assert.deepEqual(scoped.calls.at(-1)?.user, { subject: "o", roles: ["operator"], scopes: ["things.manage"] });
  } finally {
    await scoped.close();
  }
});

test("header smuggling: the client's address is the connection's, whatever a header says", async () => {
  const headers = { "client-address": "6.6.6.6" };
  await world.fetch("/public", { method: "POST", json: {}, headers });
  assert.match(world.calls.at(-1)?.metadata.get("client-address") ?? "", /127\.0\.0\.1$/);
});

test("roles and scopes on a method that needs no token are refused at the start", async () => {
  const wrong = contractOf({ Public: { http: post("/p"), rules: { access: Access.PUBLIC, scopes: ["a"] } } });
  await assert.rejects(worldOf([wrong]), /roles and scopes are for/);
});
