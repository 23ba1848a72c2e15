import assert from "node:assert/strict";
import { test } from "node:test";
import { tenantApps } from "./platform-apps.js";

const own = { appId: "wx-own", appSecret: "0" };

test("tenants have their apps, calls without a tenant the installation's own, and others none", () => {
  const of = tenantApps('{"north":{"appId":"wx-north","appSecret":"1"}}', own);
  assert.deepEqual(of("north"), { appId: "wx-north", appSecret: "1" });
  assert.deepEqual(of("default"), own);
  for (const tenant of ["south", "constructor", "__proto__", ""]) assert.equal(of(tenant), undefined);
  assert.equal(tenantApps('{"default":{"appId":"wx-a","appSecret":"2"}}', own)("default")?.appId, "wx-a");
});

test("a setting of another form is refused, and not repeated", () => {
  const wrong = ["", "the-secret", "[]", "null", '"x"', '{"north":"the-secret"}', '{"north":{"appId":"the-secret"}}'];
  for (const setting of wrong) {
    assert.throws(
      () => tenantApps(setting, own),
      (error) => error instanceof TypeError && !error.message.includes("the-secret"),
    );
  }
});
