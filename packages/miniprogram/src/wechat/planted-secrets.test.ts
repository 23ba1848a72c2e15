import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { Runtime } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { Logger } from "@sampan/core/ports";
import fc from "fast-check";
import { wechatProvider } from "./provider.js";

/** Secrets as platforms make them: session keys, tokens, app secrets, codes, phone numbers. */
const hex = (length: number) => fc.stringMatching(RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => /[0-9]/.test(text));
const secret = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  fc.uint8Array({ minLength: 100, maxLength: 384 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
  hex(32),
  hex(64),
  fc.stringMatching(/^1[3-9][0-9]{9}$/),
);
const texts: readonly ((planted: string) => string)[] = [
  (planted) => planted,
  (planted) => `invalid ${planted}, rid: 611f3d2e-6a1e9b4a-3d0d6c3e`,
  (planted) => `{"session_key":"${planted}"}`,
  (planted) => `+86${planted}!`,
  (planted) => `${"x ".repeat(95)}${planted}`,
];
const errcodes = [
  -1, 0, 40001, 40003, 40013, 40029, 40037, 40125, 40163, 40226, 42001, 43101, 45011, 47003, 87009, 99999,
];

/** An answer with a secret in its message, in each field that an interface reads, or in what is no JSON at all. */
const answers: readonly ((planted: string, errcode: number, text: string) => string)[] = [
  (_, errcode, errmsg) => JSON.stringify({ errcode, errmsg }),
  (planted) => JSON.stringify({ errcode: planted, errmsg: planted }),
  (planted) => JSON.stringify({ session_key: planted }),
  (planted) => JSON.stringify({ openid: 7, session_key: planted, unionid: [planted] }),
  (planted) => JSON.stringify({ phone_info: { phoneNumber: planted, purePhoneNumber: planted, countryCode: planted } }),
  (planted) =>
    JSON.stringify({ phone_info: { phoneNumber: planted, purePhoneNumber: "138", watermark: { appid: planted } } }),
  (planted) => JSON.stringify({ openid: planted, session_key: "" }),
  (planted) => `<html>${planted}`,
  (planted) => `"${planted}`,
];
const tokenAnswers: readonly ((planted: string) => string)[] = [
  () => JSON.stringify({ access_token: "t", expires_in: 7200 }),
  (planted) => JSON.stringify({ access_token: planted, expires_in: 7200 }),
  (planted) => JSON.stringify({ access_token: planted, expires_in: planted }),
  (planted) => JSON.stringify({ access_token: { planted }, expires_in: 7200 }),
  (planted) => JSON.stringify({ access_token: planted.repeat(300), expires_in: 7200 }),
  (planted) => JSON.stringify({ errcode: 40125, errmsg: planted }),
];

function told(thrown: unknown): string {
  return inspect(thrown, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
}

test("no secret of any answer is in an error, a cause or a log line", async (t) => {
  let answer = "";
  let tokenAnswer = "";
  let status = 200;
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    const isToken = request.url?.includes("stable_token");
    response.writeHead(isToken ? 200 : status).end(isToken ? tokenAnswer : answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close().closeAllConnections());
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines: string[] = [];
  const line = (message: string, fields?: unknown): void => void lines.push(`${message} ${told(fields)}`);
  const logger: Logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
  const runtime = new Runtime({ name: "test", connect: () => assert.fail() });
  let failures = 0;
  const plan = {
    planted: secret,
    sent: secret,
    text: fc.constantFrom(...texts),
    errcode: fc.constantFrom(...errcodes),
    make: fc.constantFrom(...answers),
    makeToken: fc.constantFrom(...tokenAnswers),
    http: fc.constantFrom(200, 200, 200, 400, 429, 502),
  };
  await fc.assert(
    fc.asyncProperty(fc.record(plan), async ({ planted, sent, text, errcode, make, makeToken, http }) => {
      answer = make(planted, errcode, text(planted));
      tokenAnswer = makeToken(planted);
      status = http;
      // The app's secret is `sent` too; a platform repeats what it was sent.
      const configuration = { appId: "wx1", appSecret: sent, apiUrl, retryDelayMs: 0 };
      const provider = wechatProvider(configuration, { logger, keyValue: memoryKeyValue() });
      const call = () => runtime.root({ name: "test", timeoutMs: 10_000 });
      const data = { thing1: sent.slice(0, 20) };
      const asked = [
        provider.login(sent, call()),
        provider.checkSession?.("o", sent, call()),
        provider.resetSession?.("o", sent, call()),
        provider.phoneNumber?.(sent, call()),
        provider.messages?.send({ openid: sent, templateId: sent, data }, call()),
        provider.openData?.({ rawData: planted, signature: planted }, sent, call()),
        provider.openData?.({ encryptedData: planted, iv: planted }, sent, call()),
      ];
      const settledAll = await Promise.allSettled(asked);
      provider.close();
      const words = settledAll.flatMap((one) => (one.status === "rejected" ? [told(one.reason)] : []));
      failures += words.length;
      for (const word of [...words, ...lines.splice(0)]) {
        for (const hidden of [planted, sent]) assert.ok(!word.includes(hidden), `${hidden} in ${word}`);
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(failures > 200);
});
