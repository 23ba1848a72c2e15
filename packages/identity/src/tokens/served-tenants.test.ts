import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, type Method, RpcError } from "@sampan/core";
import { servedTenants } from "./served-tenants.js";

const method = { path: "t.S/Do" } as Method;

function ask(tenants: string[], tenant: string): string {
  try {
    return servedTenants(tenants)(() => "done", method)({}, { tenant } as Call) as string;
  } catch (error) {
    return (error as RpcError).reason ?? "";
  }
}

test("another tenant: a call for a tenant that is not served here is refused", () => {
  assert.equal(ask(["default"], "default"), "done");
  assert.equal(ask(["default", "acme"], "acme"), "done");
  for (const tenant of ["acme", "", "Default", "default ", "*"])
    assert.equal(ask(["default"], tenant), "TENANT_NOT_SERVED", tenant);
  assert.equal(ask([], "default"), "TENANT_NOT_SERVED");
});

test("a star serves every tenant, and costs nothing", () => {
  assert.equal(ask(["*"], "acme"), "done");
  const next = (): string => "done";
  assert.equal(servedTenants(["*"])(next, method), next);
});

test("the refusal names the tenant and what to set", () => {
  try {
    servedTenants(["default"])(() => "done", method)({}, { tenant: "acme" } as Call);
    assert.fail("was served");
  } catch (error) {
    assert.ok(error instanceof RpcError);
    assert.match(error.message, /for the tenant acme/);
  }
});
