// limit: 120s
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sampan, temporaryFolder } from "../commands/up.fixture.js";
import { Terminal } from "./call.fixture.js";

test("with mTLS a call shows a service's certificate, and may do what that service may", async (t) => {
  const cwd = temporaryFolder(t);
  const platform = sampan(t, ["up", "--mtls", "--port", "0"], { cwd });
  const services = await platform.printed(/services +(.*)/);
  assert.match(
    services,
    /^8 processes, over mTLS as spiffe:\/\/sampan\.internal\/ns\/sampan\/sa\/<service>; the access/,
  );
  await platform.printed(/Try:/);
  const folder = join(cwd, ".sampan");
  const call = (...words: string[]) => new Terminal().run("--folder", folder, ...words);

  const listed = await call();
  assert.match(listed.out, /^order\.v1\.OrderService {3}at unix:.*order$/m);
  const products =
    '{"products": [{"productId": "tea", "title": "Tea", "price": {"amount": "199", "currency": "CNY"}}]}';
  const operator = ["--user", "op", "--role", "operator"];
  const create = await call("--compact", ...operator, "CatalogService/CreateProducts", products);
  assert.deepEqual([create.err, create.out], ["", '{"created":1}\n']);
  const refused = await call("--as", "catalog", ...operator, "CatalogService/CreateProducts", products);
  assert.equal(refused.status, 71);
  assert.match(refused.err, /PERMISSION_DENIED[\s\S]*"reason": "ACCESS_DENIED"/);
  const { grpc } = JSON.parse(readFileSync(join(folder, "addresses.json"), "utf8")) as { grpc: Record<string, string> };
  const plain = await new Terminal().run("--target", grpc["catalog.v1.CatalogService"] as string, "--timeout", "2s");
  assert.equal(plain.status, 78);

  platform.signal("SIGINT");
  assert.equal((await platform.ended()).status, 0);
  const verify = await sampan(t, ["audit", "verify", join(folder, "audit", "catalog")], { cwd }).ended();
  assert.match(verify.out, /^2 entries in 1 file: whole$/m);
  const trail = await sampan(t, ["audit", "export", join(folder, "audit", "catalog")], { cwd }).ended();
  assert.match(trail.out, /"subject":"op".*CatalogService\/CreateProducts/);
});
