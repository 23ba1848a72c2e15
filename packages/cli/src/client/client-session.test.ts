import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import { ClientSession, type Granted } from "./client-session.js";
import type { JsonAnswer, JsonClient } from "./json-client.js";

const granted = (generation: number): Granted => ({
  accessToken: `access-${generation}`,
  expiresIn: 900,
  session: { refreshToken: `refresh-${generation}`, signingKeyId: "session", signingKey: `key-${generation}` },
});

/** A platform that answers refreshes one generation after the other; `status` for what it answers instead. */
function stage() {
  const asked: unknown[] = [];
  const answer = { status: 200 };
  const http = {
    async post(path: string, body: unknown): Promise<JsonAnswer> {
      asked.push([path, body]);
      return { status: answer.status, body: granted(asked.length), traceId: "", ms: 1 };
    },
  } as unknown as JsonClient;
  const clock = createFakeClock();
  return { asked, answer, clock, session: new ClientSession(http, granted(0), clock) };
}

test("tokens are used for two thirds of their life, then exchanged, once for all who ask", async () => {
  const { asked, clock, session } = stage();
  await clock.advance(599_999);
  assert.deepEqual(await session.credentials(), { token: "access-0", key: { id: "session", secret: "key-0" } });
  assert.deepEqual(asked, []);
  await clock.advance(1);
  const both = await Promise.all([session.credentials(), session.credentials()]);
  for (const each of both) assert.deepEqual(each, { token: "access-1", key: { id: "session", secret: "key-1" } });
  assert.deepEqual(asked, [["/v1/auth/refresh", { refreshToken: "refresh-0" }]]);
  await clock.advance(600_000);
  await session.credentials();
  assert.deepEqual(asked[1], ["/v1/auth/refresh", { refreshToken: "refresh-1" }]);
  assert.equal(session.refreshes, 2);
});

test("a session that has ended says so, and each request asks again", async () => {
  const { asked, answer, clock, session } = stage();
  await clock.advance(600_000);
  answer.status = 401;
  await assert.rejects(session.credentials(), /not refreshed: 401/);
  answer.status = 200;
  assert.equal((await session.credentials()).token, "access-2");
  assert.equal(asked.length, 2);
});
