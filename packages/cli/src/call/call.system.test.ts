import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sampan, temporaryFolder } from "../commands/up.fixture.js";
import { Terminal } from "./call.fixture.js";

test("without a target a call finds the process of its service in a split platform", async (t) => {
  const cwd = temporaryFolder(t);
  const platform = sampan(t, ["up", "--split", "--port", "0"], { cwd });
  await platform.printed(/Sampan is ready/);
  const folder = join(cwd, ".sampan");
  const call = (...words: string[]) => new Terminal().run("--folder", folder, ...words);

  const products =
    '{"products": [{"productId": "tea", "title": "Tea", "price": {"amount": "199", "currency": "CNY"}}]}';
  const operator = ["--user", "op", "--role", "operator"];
  const create = await call("--compact", ...operator, "CatalogService/CreateProducts", products);
  assert.deepEqual([create.err, create.out], ["", '{"created":1}\n']);
  const found = await call("--compact", "catalog.v1.CatalogService.GetProduct", '{"productId": "tea"}');
  assert.match(found.out, /"title":"Tea"/);
  const missing = await call("OrderService/GetOrder", "--user", "u1", "--role", "user", '{"orderId": "x"}');
  assert.equal(missing.status, 69);
  assert.match(missing.err, /NOT_FOUND \(5\)[\s\S]*"reason": "UNKNOWN_ORDER"/);
  const listed = await call();
  assert.match(listed.out, /^order\.v1\.OrderService {3}at unix:.*order$/m);

  // The commands of the README.
  const typed = (...words: string[]) => sampan(t, ["call", ...words], { cwd }).ended();
  assert.equal((await typed("--describe", "CatalogService/GetProduct")).status, 0);
  assert.match((await typed("CatalogService/ListProducts")).out, /"productId": "tea"/);
  const none = await typed("OrderService/GetOrder", "--user", "lin", "--role", "user", '{"orderId": "none"}');
  assert.match(none.err, /^sampan: order\.v1\.OrderService\/GetOrder: NOT_FOUND \(5\): there is no order none\n/);
  platform.signal("SIGINT");
  assert.equal((await platform.ended()).status, 0);
  const gone = await call("CatalogService/ListProducts");
  assert.equal(gone.status, 1);
  assert.match(gone.err, /no platform runs on /);
});

test("a platform in one process says how to get gRPC", async (t) => {
  const cwd = temporaryFolder(t);
  const platform = sampan(t, ["up", "--port", "0"], { cwd });
  await platform.printed(/Sampan is ready/);
  const { status, err } = await new Terminal().run("--folder", join(cwd, ".sampan"), "CatalogService/ListProducts");
  assert.equal(status, 1);
  assert.match(err, /serves no gRPC.*\nstart it with --split/);
});
