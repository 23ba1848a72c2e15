import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { contractOf } from "../testing/contract.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const contract = contractOf({
  Create: { http: { pattern: { case: "post", value: "/things" }, body: "*" } },
  Mirror: {
    http: { pattern: { case: "post", value: "/inner" }, body: "*" },
    input: "test.v1.Inner",
    output: "test.v1.Inner",
  },
});

let world: World;
before(async () => {
  world = await worldOf([contract], { emitDefaults: false });
});
after(() => world.close());

async function post(json: unknown, key?: string, path = "/things"): Promise<[number, unknown]> {
  const response = await world.fetch(path, {
    method: "POST",
    json,
    headers: key === undefined ? {} : { "idempotency-key": key },
  });
  return [response.status, await response.json()];
}

test("the header fills the field, and may repeat it", async () => {
  assert.deepEqual(await post({}, "k1"), [200, { idempotencyKey: "k1" }]);
  assert.deepEqual(await post({ idempotency_key: "k1" }, "k1"), [200, { idempotencyKey: "k1" }]);
  assert.deepEqual(await post({ idempotencyKey: "k2" }), [200, { idempotencyKey: "k2" }]);
});

test("two different keys are refused", async () => {
  const [status, body] = await post({ idempotencyKey: "k2" }, "k1");
  assert.equal(status, 400);
  assert.match(JSON.stringify(body), /"field":"idempotencyKey"/);
});

test("a message without the field ignores the header", async () => {
  assert.deepEqual(await post({ city: "x" }, "k1", "/inner"), [200, { city: "x" }]);
});
