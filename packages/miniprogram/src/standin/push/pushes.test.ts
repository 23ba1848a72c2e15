import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { RpcError } from "@sampan/core";
import { type PushedMessage, type PushHandler, wechatPush } from "../../index.js";
import { startWorld, template, type World } from "../world.fixture.js";

const token = "pushtoken1";
const encodingAesKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

interface App {
  readonly url: string;
  readonly received: PushedMessage[];
  /** Reasons of the deliveries that were refused. */
  readonly refused: string[];
  handle: PushHandler;
  /** Of the next deliveries: not answered at all. */
  silent: number;
}

/** A backend that receives pushes with our receiver. */
async function startApp(t: TestContext, world: World, secure = true): Promise<App> {
  const { appId } = world.keys;
  const push = wechatPush({ appId, token, ...(secure ? { encodingAesKey } : {}) }, { clock: world.clock });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const query = new URL(request.url ?? "/", "http://app").searchParams;
    try {
      if (request.method === "GET") response.end(push.verify(query));
      else if (app.silent > 0) {
        app.silent--;
        request.socket.destroy();
      } else {
        const reply = await push.receive({ query, rawBody: Buffer.concat(chunks) }, async (message) => {
          app.received.push(message);
          return app.handle(message);
        });
        response.writeHead(200, { "content-type": reply.contentType }).end(reply.body);
      }
    } catch (error) {
      app.refused.push(RpcError.from(error).reason ?? "");
      response.writeHead(403).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push?app=1`;
  const app: App = { url, received: [], refused: [], handle: async () => undefined, silent: 0 };
  await world.control("push-address", { url, token, ...(secure ? { encodingAesKey } : {}) });
  return app;
}

for (const secure of [true, false]) {
  test(`pushes arrive in ${secure ? "secure" : "plain"} mode, and a passive reply comes back`, async (t) => {
    const world = await startWorld(t);
    const app = await startApp(t, world, secure);
    const openid = await world.user();
    app.handle = async () => ({ MsgType: "text", Content: "您好" });
    const outcome = await world.control("pushes", {
      openid,
      event: "user_enter_tempsession",
      fields: { SessionFrom: "x" },
    });
    assert.deepEqual(outcome, {
      messageId: "",
      deliveries: [200],
      accepted: true,
      reply: { MsgType: "text", Content: "您好" },
    });
    assert.equal(app.received[0]?.type, "user_enter_tempsession");
    assert.equal(app.received[0]?.from, openid);
    assert.equal(app.received[0]?.content.SessionFrom, "x");
  });
}

test("a delivery that nobody answers is repeated at once, three in all, and handled once", async (t) => {
  const world = await startWorld(t);
  const app = await startApp(t, world);
  const openid = await world.user();
  app.silent = 2;
  const outcome = await world.control("pushes", { openid, messageType: "text", fields: { Content: "hi" } });
  assert.deepEqual(outcome.deliveries, [0, 0, 200]);
  assert.ok(BigInt(outcome.messageId as string) > BigInt(Number.MAX_SAFE_INTEGER));
  assert.equal(app.received[0]?.id, outcome.messageId);
  app.silent = 3;
  const lost = await world.control("pushes", { openid, messageType: "text" });
  assert.equal(lost.accepted, false);
  assert.deepEqual(lost.deliveries, [0, 0, 0]);
  app.silent = 0;
  await world.control("pushes", { openid, messageType: "text", tamper: { duplicates: 3 } });
  assert.equal(app.received.length, 2);
});

test("what a test spoils is refused for the right reason", async (t) => {
  const world = await startWorld(t, { rules: { pushDeliveries: 1 } });
  const app = await startApp(t, world);
  const openid = await world.user();
  const spoiled: [object, string][] = [
    [{ signature: "bad" }, "PUSH_BAD_SIGNATURE"],
    [{ signature: "none" }, "PUSH_INCOMPLETE"],
    [{ ageSeconds: 300 }, "PUSH_STALE"],
    [{ ageSeconds: -300 }, "PUSH_STALE"],
    [{ body: "altered" }, "PUSH_BAD_SIGNATURE"],
    [{ body: "plain" }, "PUSH_UNREADABLE"],
    [{ app: "other" }, "PUSH_WRONG_APP"],
  ];
  for (const [tamper] of spoiled) {
    assert.deepEqual((await world.control("pushes", { openid, event: "e", tamper })).deliveries, [403]);
  }
  assert.deepEqual(
    app.refused,
    spoiled.map(([, reason]) => reason),
  );
  assert.equal(app.received.length, 0);
});

test("an allowed and a sent subscribe message are told to the app", async (t) => {
  const world = await startWorld(t);
  const app = await startApp(t, world);
  const openid = await world.user();
  await world.control("subscriptions", { openid, templateId: template });
  await world.messages.send({ openid, templateId: template, data: { thing1: "茶", amount2: "1" } }, world.call());
  await world.standin.settled();
  assert.deepEqual(app.received.map(({ type }) => type).sort(), [
    "subscribe_msg_popup_event",
    "subscribe_msg_sent_event",
  ]);
});

test("an address that does not answer the check is not taken, and wrong control requests say why", async (t) => {
  const world = await startWorld(t);
  const openid = await world.user();
  await world.control("pushes", { openid, event: "e" }, 409);
  await world.control("push-address", { url: world.merchant.url, token }, 409);
  await world.control("push-address", { url: "ftp://x", token }, 400);
  await world.control("push-address", { url: world.merchant.url, token: "a b" }, 400);
  await world.control("push-address", { url: world.merchant.url, token, encodingAesKey: "short" }, 400);
  await startApp(t, world);
  await world.control("pushes", { openid }, 400);
  await world.control("pushes", { openid, event: "e", messageType: "text" }, 400);
  await world.control("pushes", { openid, event: "e", tamper: { signatur: "bad" } }, 400);
  await world.control("pushes", { openid: "oNobody", event: "e" }, 404);
  await world.control("push-address", { url: "" });
  await world.control("pushes", { openid, event: "e" }, 409);
});

test("an answer that is no answer is not accepted", async (t) => {
  const world = await startWorld(t, { rules: { pushDeliveries: 2 } });
  const app = await startApp(t, world, false);
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://app");
    response.end(request.method === "GET" ? searchParams.get("echostr") : "done");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const openid = await world.user();
  await world.control("push-address", { url, token, encodingAesKey });
  const outcome = await world.control("pushes", { openid, event: "e" });
  assert.deepEqual(outcome, {
    messageId: "",
    deliveries: [200, 200],
    accepted: false,
    problem: "neither empty, nor success, nor JSON",
  });
  assert.equal(app.received.length, 0);
});
