import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type Call, Runtime } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { MiniProgramErrors } from "../errors.js";
import { rejectsWith } from "../standin/world.fixture.js";
import { wechatProvider } from "./provider.js";

interface Seen {
  readonly path: string;
  readonly appId: string;
  readonly token: string;
}

/** A platform that knows many apps: a token names its app, and so does a user. */
async function startPlatform(): Promise<{ url: string; seen: Seen[]; close(): void }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://platform");
    const appId = searchParams.get("appid") ?? (body === "" ? "" : (JSON.parse(body).appid ?? ""));
    seen.push({ path, appId, token: searchParams.get("access_token") ?? "" });
    const answers: Record<string, object> = {
      "/sns/jscode2session": { openid: `user of ${appId}`, session_key: "k" },
      "/cgi-bin/stable_token": { access_token: `token of ${appId}`, expires_in: 7200 },
    };
    response.end(JSON.stringify(answers[path] ?? { errcode: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, close: () => void server.close().closeAllConnections() };
}

test("each tenant is served by its app, with a token of its own; one that has none is refused by name", async (t) => {
  const platform = await startPlatform();
  const apps: Record<string, { appId: string; appSecret: string }> = {
    north: { appId: "wx-north", appSecret: "1" },
    south: { appId: "wx-south", appSecret: "2" },
    "south-east": { appId: "wx-south", appSecret: "2" },
  };
  const provider = wechatProvider(
    { appId: "wx-own", appSecret: "0", apiUrl: platform.url, credentials: (tenant) => apps[tenant] },
    { keyValue: memoryKeyValue() },
  );
  t.after(() => {
    provider.close();
    platform.close();
  });
  const runtime = new Runtime({ name: "test", connect: () => assert.fail() });
  const call = (tenant: string): Call =>
    runtime.root({ name: "test", timeoutMs: 10_000, origin: { tenant, releaseTag: "", traceparent: "" } });
  for (const tenant of ["north", "south"]) {
    assert.equal((await provider.login("code", call(tenant))).subject, `user of wx-${tenant}`);
  }
  for (const tenant of ["north", "south", "north", "south-east"]) await provider.checkSession?.("o", "k", call(tenant));
  const checks = platform.seen.filter(({ path }) => path === "/wxa/checksession");
  assert.deepEqual(
    checks.map(({ token }) => token),
    ["token of wx-north", "token of wx-south", "token of wx-north", "token of wx-south"],
  );
  assert.equal(platform.seen.filter(({ path }) => path === "/cgi-bin/stable_token").length, 2);
  const before = platform.seen.length;
  const refused = [
    provider.login("code", call("west")),
    provider.checkSession?.("o", "k", call("west")),
    provider.resetSession?.("o", "k", call("west")),
    provider.phoneNumber?.("code", call("west")),
    provider.openData?.({ encryptedData: "", iv: "" }, "k", call("west")),
    provider.messages?.send({ openid: "o", templateId: "t", data: { thing1: "x" } }, call("west")),
  ];
  for (const promise of refused) await rejectsWith(promise ?? assert.fail(), MiniProgramErrors.TENANT_UNKNOWN);
  assert.equal(platform.seen.length, before);
  // A changed secret is another app's state: the token is fetched with it.
  apps.north = { appId: "wx-north", appSecret: "changed" };
  await provider.checkSession?.("o", "k", call("north"));
  assert.equal(platform.seen.filter(({ path }) => path === "/cgi-bin/stable_token").length, 3);
});

test("instances that share a store fetch an app's token once", async (t) => {
  const platform = await startPlatform();
  const keyValue = memoryKeyValue();
  const providers = [0, 1, 2].map(() =>
    wechatProvider({ appId: "wx-own", appSecret: "0", apiUrl: platform.url }, { keyValue }),
  );
  t.after(() => {
    for (const provider of providers) provider.close();
    platform.close();
  });
  const runtime = new Runtime({ name: "test", connect: () => assert.fail() });
  const root = (): Call => runtime.root({ name: "test", timeoutMs: 10_000 });
  await Promise.all(providers.flatMap((one) => [0, 1, 2].map(() => one.checkSession?.("o", "k", root()))));
  assert.equal(platform.seen.filter(({ path }) => path === "/cgi-bin/stable_token").length, 1);
  assert.equal(platform.seen.filter(({ path }) => path === "/wxa/checksession").length, 9);
});
