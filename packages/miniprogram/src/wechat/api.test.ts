import assert from "node:assert/strict";
import { test } from "node:test";
import { Runtime } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { MiniProgramErrors } from "../errors.js";
import type { HttpEndpoint } from "../http-endpoint.js";
import { SecretText } from "../secret-text.js";
import { WeChatApi } from "./api.js";

/** A platform whose answers are planned; counts what it was sent. */
function setup(answers: readonly (object | Error)[], retryDelayMs = 100) {
  const clock = createFakeClock();
  let sent = 0;
  const endpoint = {
    send: async () => {
      const answer = answers[sent++] ?? assert.fail("one request too many");
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
    },
  } as unknown as HttpEndpoint;
  const api = new WeChatApi(endpoint, clock, retryDelayMs);
  const runtime = new Runtime({ name: "test", clock, connect: () => assert.fail() });
  const ask = (timeoutMs: number) =>
    api.withoutToken(
      new SecretText([]),
      { path: "/x", repeatable: "always" },
      runtime.root({ name: "test", timeoutMs }),
    );
  return { clock, ask, sent: () => sent };
}

test("the second try waits, and is the last", async () => {
  const { clock, ask, sent } = setup([{ errcode: -1 }, { errcode: -1 }]);
  const asked = ask(10_000);
  asked.catch(() => {});
  await clock.advance(99);
  assert.equal(sent(), 1);
  await clock.advance(1);
  assert.equal(sent(), 2);
  await assert.rejects(asked, (error) => MiniProgramErrors.PLATFORM_BUSY.is(error));
});

test("there is no second try that the deadline would not see", async () => {
  const late = setup([{ errcode: -1 }]);
  await assert.rejects(late.ask(100), (error) => MiniProgramErrors.PLATFORM_BUSY.is(error));
  const early = setup([{ errcode: -1 }, { ok: true }]);
  const asked = early.ask(101);
  await early.clock.advance(100);
  assert.deepEqual(await asked, { ok: true });
});

test("a call that is aborted between the tries ends then", async () => {
  const { clock, ask, sent } = setup([MiniProgramErrors.PLATFORM_UNREACHABLE(), { ok: true }], 5_000);
  const asked = ask(6_000);
  asked.catch(() => {});
  await clock.advance(5_000);
  assert.deepEqual(await asked, { ok: true });
  assert.equal(sent(), 2);
});
