import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { inspect } from "node:util";
import type { Logger } from "@sampan/core/ports";
import { standinConfiguration } from "../standin/index.js";
import { startWorld, template, testKeys } from "../standin/world.fixture.js";
import { checkConfiguration } from "./configuration.js";
import { wechatProvider } from "./provider.js";

/** Everything an error could tell: message, stack, causes and details, however deep. */
function told(thrown: unknown): string {
  return inspect(thrown, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
}

function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const line = (message: string, fields?: unknown): void => void lines.push(`${message} ${told(fields)}`);
  const logger: Logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
  return { logger, lines };
}

/** A platform that repeats, in its error message, all that it was sent. */
async function startEcho(): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const said = decodeURIComponent(`${request.url} ${body}`);
    response.writeHead(200, { "content-type": "application/json" });
    if (said.includes("stable_token") && !said.includes("echo-token")) {
      response.end(JSON.stringify({ access_token: "the-access-token", expires_in: 7200 }));
    } else response.end(JSON.stringify({ errcode: 99999, errmsg: said }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { url: `http://127.0.0.1:${address.port}`, close: () => void server.close().closeAllConnections() };
}

test("no secret leaves in an error, even when the platform repeats it", async (t) => {
  const keys = await testKeys();
  const echo = await startEcho();
  const { logger, lines } = recorder();
  const provider = wechatProvider({ ...standinConfiguration(keys, echo.url), appSecret: "the-app-secret" }, { logger });
  t.after(() => {
    provider.close();
    echo.close();
  });
  const world = await startWorld(t);
  const failures = [
    await provider.login("the-login-code", world.call()).catch((thrown) => thrown),
    await provider.messages
      ?.send({ openid: "oAlice", templateId: template, data: { thing1: "x" } }, world.call())
      .catch((thrown) => thrown),
  ];
  for (const failure of failures) {
    assert.ok(failure instanceof Error);
    for (const secret of ["the-app-secret", "the-login-code", "the-access-token", keys.apiV3Key]) {
      assert.equal(told(failure).includes(secret), false, `${secret} in ${told(failure)}`);
    }
  }
  assert.match(told(failures[0]), /\[secret\]/);
  assert.deepEqual(lines, []);
});

test("no secret leaves when the platform is away, slow or broken", async (t) => {
  const { logger, lines } = recorder();
  const world = await startWorld(t, { logger });
  const { code } = await world.control("login-codes", {}, 201);
  const order = await world.order();
  const failures: unknown[] = [];
  for (const kind of ["drop", "garbage", "busy", "rate-limited", "forged"]) {
    await world.control("faults", { kind, times: 2 });
    failures.push(await world.provider.login(code, world.call()).catch((thrown) => thrown));
    failures.push(await world.pay.query(order.outTradeNo, world.call()).catch((thrown) => thrown));
  }
  await world.standin.close();
  failures.push(await world.provider.login(code, world.call()).catch((thrown) => thrown));
  failures.push(await world.pay.query(order.outTradeNo, world.call()).catch((thrown) => thrown));
  const { appSecret, apiV3Key, merchant } = world.keys;
  const keyLine = merchant.privateKey.split("\n")[1] ?? assert.fail();
  for (const text of [...failures.map(told), ...lines]) {
    for (const secret of [appSecret, apiV3Key, keyLine, code]) assert.equal(text.includes(secret), false, text);
  }
});

test("what is wrong with a configuration is said all at once, and without its secrets", async () => {
  const keys = await testKeys();
  const right = standinConfiguration(keys, "http://127.0.0.1:1");
  const wrong = {
    ...right,
    appId: "",
    apiUrl: "https://proxy.example/prefix",
    pay: {
      ...right.pay,
      apiV3Key: "too-short-a-key",
      merchantSerial: "serial",
      merchantPrivateKey: "-----BEGIN PRIVATE KEY-----\nnot-really-base64\n-----END PRIVATE KEY-----",
      platformPublicKeys: { PUB_KEY_ID_1: "nothing" },
      urls: [],
    },
  };
  assert.throws(
    () => checkConfiguration(wrong),
    (error) => {
      const text = told(error);
      for (const name of [
        "appId",
        "apiUrl",
        "apiV3Key",
        "merchantSerial",
        "merchantPrivateKey",
        "PUB_KEY_ID_1",
        "urls",
      ]) {
        assert.ok(text.includes(name), name);
      }
      for (const secret of ["too-short-a-key", "not-really-base64", right.appSecret]) assert.ok(!text.includes(secret));
      return true;
    },
  );
  assert.equal(wechatProvider({ appId: "wx1", appSecret: "s" }).pay, undefined);
});
