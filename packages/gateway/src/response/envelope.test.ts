import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { GatewayErrors } from "../errors.js";
import { contractOf } from "../testing/contract.fixture.js";
import { worldOf } from "../testing/world.fixture.js";
import type { EnvelopeOptions } from "./envelope.js";

const contract = contractOf({
  Create: { http: { pattern: { case: "post", value: "/things" }, body: "*" }, rules: { successStatus: 201 } },
});

async function ask(
  envelope: Partial<EnvelopeOptions>,
  name: string,
  headers: Record<string, string> = {},
  path = "/things",
): Promise<[number, unknown]> {
  const world = await worldOf([contract], {
    envelope,
    emitDefaults: false,
    serve: (request: { name: string }) => {
      if (request.name === "bad") throw new RpcError(Code.NotFound, "not here");
      return request;
    },
  });
  try {
    const response = await world.fetch(path, { method: "POST", json: { name }, headers });
    return [response.status, await response.json()];
  } finally {
    await world.close();
  }
}

test("no envelope by default", async () => {
  assert.deepEqual(await ask({}, "a"), [201, { name: "a" }]);
  assert.deepEqual(await ask({}, "bad"), [404, { code: 5, status: "NOT_FOUND", message: "not here", details: [] }]);
});

test("code0 by configuration", async () => {
  assert.deepEqual(await ask({ mode: "code0" }, "a"), [201, { code: 0, msg: "ok", data: { name: "a" } }]);
  assert.deepEqual(await ask({ mode: "code0" }, "bad"), [
    404,
    { code: 5, msg: "not here", data: null, status: "NOT_FOUND", details: [] },
  ]);
});

test("code200 by configuration, its code is the HTTP status", async () => {
  assert.deepEqual(await ask({ mode: "code200" }, "a"), [201, { code: 200, message: "ok", data: { name: "a" } }]);
  assert.deepEqual(await ask({ mode: "code200" }, "bad"), [
    404,
    { code: 404, message: "not here", data: null, status: "NOT_FOUND", details: [] },
  ]);
});

test("a client may choose", async () => {
  assert.deepEqual(await ask({}, "a", { "x-envelope": "code0" }), [201, { code: 0, msg: "ok", data: { name: "a" } }]);
  assert.deepEqual(await ask({ mode: "code0" }, "a", { "x-envelope": "none" }), [201, { name: "a" }]);
  assert.deepEqual(await ask({ header: "x-shape" }, "a", { "x-shape": "code200", "x-envelope": "code0" }), [
    201,
    { code: 200, message: "ok", data: { name: "a" } },
  ]);
  assert.deepEqual(await ask({ header: false }, "a", { "x-envelope": "code0" }), [201, { name: "a" }]);
  const [status, body] = await ask({}, "a", { "x-envelope": "xml" });
  assert.equal(status, 400);
  assert.match(JSON.stringify(body), /x-envelope is not valid: use none, code0 or code200/);
});

test("the HTTP status can be 200 always, for wrapped answers only", async () => {
  const always: Partial<EnvelopeOptions> = { mode: "code200", httpStatus: "always200" };
  assert.equal((await ask(always, "a"))[0], 200);
  const [status, body] = await ask(always, "bad");
  assert.deepEqual([status, (body as { code: number }).code], [200, 404]);
  assert.equal((await ask(always, "bad", { "x-envelope": "none" }))[0], 404);
});

test("unrouted requests are wrapped as well", async () => {
  assert.deepEqual((await ask({ mode: "code0" }, "a", {}, "/nothing"))[1], {
    code: 5,
    msg: "there is nothing at /nothing",
    data: null,
    status: "NOT_FOUND",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "ROUTE_NOT_FOUND",
        domain: "gateway",
        metadata: { path: "/nothing" },
      },
    ],
  });
});

test("options that make no sense are refused together", async () => {
  await assert.rejects(
    ask({ mode: "xml" as never, header: "X Bad", httpStatus: "never" as never }, "a"),
    (error) => GatewayErrors.INVALID_OPTIONS.is(error) && /mode[\s\S]*header[\s\S]*httpStatus/.test(error.message),
  );
});
