import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import { CommandError } from "../command/command-error.js";
import { openPlatformAuthority } from "./platform-authority.js";

function opening(t: TestContext) {
  const data = mkdtempSync(join(tmpdir(), "sampan-authority-"));
  t.after(() => rmSync(data, { recursive: true }));
  const clock = createFakeClock();
  return {
    data,
    async open(trustDomain = "", lifeMs: number | undefined = undefined) {
      const failed = (error: unknown): never => assert.fail(String(error));
      const authority = await openPlatformAuthority({ data, trustDomain, lifeMs, clock, failed });
      t.after(() => authority.close());
      return authority;
    },
  };
}

test("the first start makes the authority, for its owner only; the next ones go on with it", async (t) => {
  const { data, open } = opening(t);
  assert.ok(!existsSync(join(data, "authority")));
  const first = await open();
  assert.equal(first.trustDomain, "sampan.internal");
  assert.equal(statSync(join(data, "authority")).mode & 0o077, 0);
  const second = await open();
  assert.deepEqual(second.state.roots, first.state.roots);
  assert.equal(second.state.lives.svidMs, 3_600_000);
});

test("settings name the trust domain, and another one than the authority's is refused", async (t) => {
  const { open } = opening(t);
  assert.equal((await open("shop.test")).trustDomain, "shop.test");
  assert.equal((await open("shop.test")).trustDomain, "shop.test");
  await assert.rejects(
    open("other.test"),
    (error) => error instanceof CommandError && /of the trust domain shop\.test, not other\.test/.test(error.message),
  );
});

test("with a short life everything above it is short too", async (t) => {
  const { open } = opening(t);
  const { svidMs, intermediateMs, overlapMs } = (await open("", 8_000)).state.lives;
  assert.deepEqual({ svidMs, intermediateMs, overlapMs }, { svidMs: 8_000, intermediateMs: 48_000, overlapMs: 8_000 });
});
