import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Runtime } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { AppRegistry, manyApps, type WeChatApp } from "./app-registry.js";
import type { AppCredentials } from "./configuration.js";

const runtime = new Runtime({ name: "test", connect: () => assert.fail() });
const callOf = (tenant: string): Call =>
  runtime.root({ name: "test", origin: { tenant, releaseTag: "", traceparent: "" } });

function registry(credentials?: (tenant: string) => AppCredentials | undefined) {
  const made: string[] = [];
  const make = (app: AppCredentials): WeChatApp => {
    made.push(app.appId);
    return { ...app } as WeChatApp;
  };
  const own = { appId: "wx-own", appSecret: "0" };
  return { made, apps: new AppRegistry(credentials === undefined ? own : { ...own, credentials }, make) };
}

test("one app serves all tenants when no other is configured", () => {
  const { made, apps } = registry();
  assert.equal(apps.of(callOf("north")), apps.of(callOf("south")));
  assert.deepEqual(made, ["wx-own"]);
});

test("an app is made once, and again when its secret has changed", () => {
  let appSecret = "1";
  const { made, apps } = registry((tenant) => ({ appId: `wx-${tenant}`, appSecret }));
  const first = apps.of(callOf("a"));
  apps.of(callOf("b"));
  assert.equal(apps.of(callOf("a")), first);
  appSecret = "2";
  assert.equal(apps.of(callOf("a")).appSecret, "2");
  assert.deepEqual(made, ["wx-a", "wx-b", "wx-a"]);
});

test("a tenant without credentials, or with empty ones, is refused by name", () => {
  const empty: Record<string, AppCredentials> = {
    noId: { appId: "", appSecret: "1" },
    noSecret: { appId: "wx1", appSecret: "" },
  };
  const { apps } = registry((tenant) => empty[tenant]);
  for (const tenant of ["noId", "noSecret", "nobody"]) {
    assert.throws(
      () => apps.of(callOf(tenant)),
      (error) => MiniProgramErrors.TENANT_UNKNOWN.is(error) && error.message.includes(tenant),
    );
  }
});

test("so many apps are kept, and no more", () => {
  const { made, apps } = registry((tenant) => ({ appId: tenant, appSecret: "1" }));
  for (let i = 0; i < manyApps; i++) apps.of(callOf(`wx-${i}`));
  apps.of(callOf("wx-0"));
  assert.equal(made.length, manyApps);
  apps.of(callOf("one more"));
  apps.of(callOf("wx-1"));
  assert.equal(made.length, manyApps + 1);
  apps.of(callOf("wx-0"));
  assert.equal(made.length, manyApps + 2);
});
