import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { silentLogger } from "@sampan/core";
import { tryLock } from "@sampan/data";
import { createFakeClock, settled } from "@sampan/testkit";
import { OneRunner } from "./one-runner.js";

function bench(start: () => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-one-"));
  const lockFile = join(folder, "made", "shop.db-runs");
  const clock = createFakeClock();
  const notes: string[] = [];
  const work = {
    start() {
      start();
      notes.push("run");
    },
    stop: async () => void notes.push("rest"),
  };
  const runner = () => new OneRunner({ lockFile, runs: [work], clock, logger: silentLogger });
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await settled();
  };
  return { lockFile, notes, runner, pass, remove: () => rmSync(folder, { recursive: true }) };
}

test("work that another instance does is begun when its lock is free, and not before", async () => {
  const { lockFile, notes, runner, pass, remove } = bench();
  const first = runner();
  await first.start();
  const second = runner();
  await second.start();
  await pass(10_000);
  assert.deepEqual(notes, ["run"]);
  await first.stop(0);
  assert.deepEqual(notes, ["run", "rest"]);
  await pass(250);
  assert.deepEqual(notes, ["run", "rest", "run"]);
  await second.stop(0);
  const free = tryLock(lockFile);
  assert.ok(free !== undefined);
  free.release();
  remove();
});

test("the first start fails with the work; one that takes over lets go and tries again", async () => {
  let fails = true;
  const { lockFile, notes, runner, pass, remove } = bench(() => {
    if (fails) throw new Error("no");
  });
  const first = runner();
  await assert.rejects(first.start(), /no/);
  await first.stop(0);
  const held = tryLock(lockFile);
  const second = runner();
  await second.start();
  held?.release();
  await pass(250);
  assert.deepEqual(notes, ["rest", "rest"]);
  fails = false;
  await pass(250);
  assert.deepEqual(notes, ["rest", "rest", "run"]);
  await second.stop(0);
  remove();
});

test("one that stops while it waits never begins", async () => {
  const { lockFile, notes, runner, pass, remove } = bench();
  const doing = runner();
  await doing.start();
  const waiting = runner();
  await waiting.start();
  await waiting.stop(0);
  await pass(10_000);
  assert.deepEqual(notes, ["run"]);
  assert.equal(tryLock(lockFile), undefined);
  await doing.stop(0);
  remove();
});
