import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { type ErrorFactory, silentLogger } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { createFakeClock, settled } from "@sampan/testkit";
import { FlakyStore } from "../../credential-hub/hub.fixture.js";
import { MiniProgramErrors } from "../../errors.js";
import type { PushRequest } from "../../push.js";
import { wechatPush } from "./message-push.js";
import { openPush, pushKey, sealPush } from "./push-envelope.js";
import { pushSignature } from "./push-signature.js";

const appId = "wxba5fad812f8e6fb9";
const token = "AAAAA";
const encodingAesKey = "A".repeat(43);
const key = pushKey(encodingAesKey) ?? assert.fail();
const event = {
  ToUserName: "gh_97417a04a28d",
  FromUserName: "o9AgO5Kd5ggOC",
  CreateTime: 1_700_000_000,
  MsgType: "event",
  Event: "debug_demo",
};

function setup(mode: "secure" | "plain" = "secure", over: object = {}) {
  const clock = createFakeClock();
  const store = new FlakyStore(memoryKeyValue({ clock }));
  const configuration = { appId, token, ...(mode === "secure" ? { encodingAesKey } : {}), ...over };
  const receiver = () => wechatPush(configuration, { clock, logger: silentLogger, keyValue: store });
  const seconds = (): number => Math.floor(clock.now() / 1000);
  /** As the platform sends it. */
  const request = (
    message: string,
    change: { at?: number; key?: Buffer; app?: string; nonce?: string } = {},
  ): PushRequest => {
    const timestamp = String(change.at ?? seconds());
    const nonce = change.nonce ?? "415670741";
    const query = new URLSearchParams({ signature: pushSignature(token, timestamp, nonce), timestamp, nonce });
    if (mode === "plain") return { query, rawBody: Buffer.from(message) };
    const encrypted = sealPush(message, change.app ?? appId, change.key ?? key);
    query.set("encrypt_type", "aes");
    query.set("msg_signature", pushSignature(token, timestamp, nonce, encrypted));
    return { query, rawBody: Buffer.from(JSON.stringify({ ToUserName: "gh", Encrypt: encrypted })) };
  };
  return { clock, store, receiver, push: receiver(), seconds, request };
}

const throwsWith = (run: () => unknown, factory: ErrorFactory): void =>
  assert.throws(run, (error) => {
    if (!factory.is(error)) throw error;
    return true;
  });
const rejectsWith = (promise: Promise<unknown>, factory: ErrorFactory): Promise<void> =>
  assert.rejects(promise, (error) => {
    if (!factory.is(error)) throw error;
    return true;
  });

test("the vendor's check of the address is answered with its text", () => {
  const clock = createFakeClock(1_714_036_504_000);
  const push = wechatPush({ appId, token }, { clock });
  const query = (change: Record<string, string> = {}) =>
    new URLSearchParams({
      signature: "f464b24fc39322e44b38aa78f5edd27bd1441696",
      echostr: "4375120948345356249",
      timestamp: "1714036504",
      nonce: "1514711492",
      ...change,
    });
  assert.equal(push.verify(query()), "4375120948345356249");
  throwsWith(() => push.verify(query({ nonce: "1514711493" })), MiniProgramErrors.PUSH_BAD_SIGNATURE);
  throwsWith(() => push.verify(query({ echostr: "" })), MiniProgramErrors.PUSH_INCOMPLETE);
  throwsWith(() => push.verify(query({ timestamp: "-1" })), MiniProgramErrors.PUSH_INCOMPLETE);
  const twice = query();
  twice.append("nonce", "1514711492");
  throwsWith(() => push.verify(twice), MiniProgramErrors.PUSH_INCOMPLETE);
});

test("the vendor's encrypted push opens", () => {
  const clock = createFakeClock(1_714_112_445_000);
  const push = wechatPush({ appId, token, encodingAesKey }, { clock });
  const query = new URLSearchParams({
    signature: "",
    timestamp: "1714112445",
    nonce: "415670741",
    encrypt_type: "aes",
    msg_signature: "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
  });
  query.set("signature", pushSignature(token, "1714112445", "415670741"));
  const encrypted =
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
  const rawBody = Buffer.from(JSON.stringify({ ToUserName: "gh_97417a04a28d", Encrypt: encrypted }));
  const message = push.open({ query, rawBody });
  assert.equal(message.type, "debug_demo");
  assert.equal(message.from, "o9AgO5Kd5ggOC-bXrbNODIiE3bGY");
  assert.equal(message.content.debug_str, "hello world");
  assert.equal(message.createdAt, 1_714_112_445_000);
});

test("each thing that is wrong with a delivery has its error", () => {
  const { push, request, seconds } = setup();
  const text = JSON.stringify(event);
  assert.equal(push.open(request(text)).kind, "event");
  const altered = request(text);
  const other = request(text);
  throwsWith(() => push.open({ query: altered.query, rawBody: other.rawBody }), MiniProgramErrors.PUSH_BAD_SIGNATURE);
  throwsWith(() => push.open(request(text, { app: "wx0" })), MiniProgramErrors.PUSH_WRONG_APP);
  throwsWith(() => push.open(request(text, { key: Buffer.alloc(32, 7) })), MiniProgramErrors.PUSH_UNREADABLE);
  for (const at of [seconds() - 299, seconds() + 299]) push.open(request(text, { at }));
  for (const at of [seconds() - 300, seconds() + 300]) {
    throwsWith(() => push.open(request(text, { at })), MiniProgramErrors.PUSH_STALE);
  }
  const unsigned = request(text);
  unsigned.query.delete("msg_signature");
  throwsWith(() => push.open(unsigned), MiniProgramErrors.PUSH_INCOMPLETE);
  for (const wrong of [
    "<xml></xml>",
    "[]",
    "{}",
    JSON.stringify({ ...event, CreateTime: "soon" }),
    JSON.stringify({ ...event, Event: undefined }),
    JSON.stringify({ ...event, MsgType: "text" }),
  ]) {
    throwsWith(() => push.open(request(wrong)), MiniProgramErrors.PUSH_UNREADABLE);
  }
  const long = { query: request(text).query, rawBody: Buffer.alloc(65_537, 32) };
  throwsWith(() => push.open(long), MiniProgramErrors.PUSH_UNREADABLE);
});

test("secure mode takes nothing plain: the encryption cannot be stripped", () => {
  const secure = setup("secure");
  const plain = setup("plain");
  throwsWith(() => secure.push.open(plain.request(JSON.stringify(event))), MiniProgramErrors.PUSH_UNREADABLE);
});

test("two keys are good while the console's change is under way; replies use the new one", () => {
  const newKey = "B".repeat(43);
  const { clock, push, request } = setup("secure", { encodingAesKey: newKey, previousEncodingAesKey: encodingAesKey });
  const message = push.open(request(JSON.stringify(event)));
  push.open(request(JSON.stringify(event), { key: pushKey(newKey) ?? assert.fail() }));
  const reply = JSON.parse(push.reply(message, { MsgType: "text" }).body);
  const content = openPush(reply.Encrypt, pushKey(newKey) ?? assert.fail());
  assert.equal(content?.text.toString(), '{"MsgType":"text"}');
  assert.equal(content?.appId, appId);
  assert.equal(reply.Nonce, "415670741");
  assert.equal(reply.TimeStamp, clock.now() / 1000);
  assert.equal(reply.MsgSignature, pushSignature(token, String(reply.TimeStamp), reply.Nonce, reply.Encrypt));
  assert.deepEqual(push.reply(message), { contentType: "text/plain", body: "success" });
});

test("a message is handled once, however often and wherever it is delivered", async () => {
  const { receiver, request, clock } = setup();
  let handled = 0;
  const handle = async () => {
    handled++;
    return undefined;
  };
  const text = JSON.stringify(event);
  for (const push of [receiver(), receiver(), receiver()]) {
    assert.equal((await push.receive(request(text), handle)).body, "success");
  }
  assert.equal(handled, 1);
  await receiver().receive(request(JSON.stringify({ ...event, CreateTime: event.CreateTime + 1 })), handle);
  await receiver().receive(request(JSON.stringify({ ...event, Event: "other" })), handle);
  assert.equal(handled, 3);
  await clock.advance(299_000);
  await receiver().receive(request(text), handle);
  assert.equal(handled, 3);
});

test("message ids beyond 2^53 are told apart", async () => {
  const { push, request } = setup();
  const ids: string[] = [];
  const text = (id: string) =>
    JSON.stringify({ ...event, MsgType: "text", Content: 'she said "MsgId":1' }).replace("{", `{"MsgId":${id},`);
  for (const id of ["23637352235060880", "23637352235060881"]) {
    const handle = async (message: { id: string; content: object }) => {
      ids.push(message.id);
      assert.ok(inspect(message.content).includes('she said "MsgId":1'));
      return undefined;
    };
    await push.receive(request(text(id)), handle);
    await push.receive(request(text(id)), handle);
  }
  assert.deepEqual(ids, ["23637352235060880", "23637352235060881"]);
});

test("what could not be handled is handled at the next delivery", async () => {
  const { push, request } = setup();
  const text = JSON.stringify(event);
  await assert.rejects(
    push.receive(request(text), () => Promise.reject(new Error("no disk"))),
    /no disk/,
  );
  const reply = await push.receive(request(text), async () => ({ MsgType: "text" }));
  assert.equal(reply.contentType, "application/json");
});

test("what takes longer than the platform waits is answered at the next delivery, and handled once", async () => {
  const { clock, push, request } = setup();
  const text = JSON.stringify(event);
  let finish: () => void = assert.fail;
  let handled = 0;
  const slow = () => {
    handled++;
    return new Promise<undefined>((resolve) => (finish = () => resolve(undefined)));
  };
  const first = push.receive(request(text), slow);
  const refused = rejectsWith(first, MiniProgramErrors.PUSH_IN_PROGRESS);
  await clock.advance(4_500);
  await refused;
  await rejectsWith(push.receive(request(text), slow), MiniProgramErrors.PUSH_IN_PROGRESS);
  finish();
  await settled();
  assert.equal((await push.receive(request(text), slow)).body, "success");
  assert.equal(handled, 1);
});

test("a handler that fails after the answer was due leaves the message to the next delivery", async () => {
  const { clock, push, request } = setup();
  const text = JSON.stringify(event);
  let fail: () => void = assert.fail;
  const first = push.receive(request(text), () => new Promise((_, reject) => (fail = () => reject(new Error("late")))));
  const refused = rejectsWith(first, MiniProgramErrors.PUSH_IN_PROGRESS);
  await clock.advance(4_500);
  await refused;
  fail();
  await settled();
  assert.equal((await push.receive(request(text), async () => undefined)).body, "success");
});

test("a process that ended in the middle leaves the message to a later delivery", async () => {
  const { clock, receiver, request } = setup();
  const text = JSON.stringify(event);
  const dead = receiver().receive(request(text), () => new Promise(() => {}));
  dead.catch(() => {});
  await clock.advance(59_999);
  await rejectsWith(
    receiver().receive(request(text), async () => undefined),
    MiniProgramErrors.PUSH_IN_PROGRESS,
  );
  await clock.advance(1);
  let handled = 0;
  await receiver().receive(request(text), async () => void handled++ as undefined);
  assert.equal(handled, 1);
});

test("without the shared store messages are still taken", async () => {
  const { store, push, request } = setup();
  store.state = "rejects";
  let handled = 0;
  for (let i = 0; i < 2; i++) {
    await push.receive(request(JSON.stringify(event)), async () => void handled++ as undefined);
  }
  assert.equal(handled, 2);
});

test("in plain mode a signature is good for one body only", async () => {
  const { push, request } = setup("plain");
  const text = JSON.stringify(event);
  const genuine = request(text);
  assert.equal((await push.receive(genuine, async () => ({ Content: "茶" }))).body, '{"Content":"茶"}');
  const forged = { query: genuine.query, rawBody: Buffer.from(text.replace("debug_demo", "other_demo")) };
  await rejectsWith(
    push.receive(forged, async () => assert.fail()),
    MiniProgramErrors.PUSH_BAD_SIGNATURE,
  );
  assert.equal((await push.receive(genuine, async () => assert.fail())).body, "success");
});

test("what is wrong with the settings is said at once, without its secrets", () => {
  const wrong = { appId: "", token: "to ken!", encodingAesKey: "too-short", windowMs: 0, replyWithinMs: Number.NaN };
  assert.throws(
    () => wechatPush(wrong),
    (error) => {
      const text = inspect(error, { depth: 9 });
      for (const name of ["appId", "token", "encodingAesKey", "windowMs", "replyWithinMs"])
        assert.match(text, RegExp(name));
      return !text.includes("to ken!") && !text.includes("too-short");
    },
  );
  throwsWith(
    () => wechatPush({ appId, token, previousEncodingAesKey: encodingAesKey }),
    MiniProgramErrors.CONFIGURATION_INVALID,
  );
});
