import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ConfigVersion } from "@sampan/core/ports";
import { createFakeClock, type LogLine, logTo } from "@sampan/testkit";
import fc from "fast-check";
import { MemoryConfigStore } from "../backends/memory/memory-store.js";
import { fileSource } from "../sources/file.js";
import type { SettingsSource } from "../sources/source.js";
import { SettingsFollower } from "./follow.js";
import { LiveSettings } from "./live-settings.js";
import { compiled, key, sections } from "./remote-document.fixture.js";

const lines = (count: number | string): string => `settings: { order: { lines: ${count} } }`;

function following(above: readonly SettingsSource[] = [], files: readonly string[] = []) {
  const clock = createFakeClock();
  const store = new MemoryConfigStore({ clock });
  const log: LogLine[] = [];
  const accepted: (string | undefined)[] = [];
  const compile = (documents: ReadonlyMap<string, ConfigVersion>) => compiled(documents.get(key)?.text, { above });
  const documents = new Map([[key, { text: undefined, revision: "" }]]);
  const live = new LiveSettings(sections, compile(documents));
  const follower = new SettingsFollower({
    live,
    compile,
    documents,
    files,
    source: store,
    clock,
    logger: logTo(log),
    onAccepted: (_, { text }) => void accepted.push(text),
  });
  const close = async (): Promise<void> => {
    follower.close();
    await store.close();
  };
  return { clock, store, log, accepted, live, follower, close };
}

test("whatever is published in whatever order, the last good document is in force", async () => {
  const step = fc.oneof(
    fc.integer({ min: 1, max: 100 }).map((count) => ({ text: lines(count), good: count })),
    fc.constantFrom(lines(0), lines("x"), "[", "sectoins: {}").map((text) => ({ text, good: undefined })),
    fc.constant({ text: undefined, good: 10 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 12 }), async (steps) => {
      const { clock, store, live, follower, close } = following();
      await clock.advance(10);
      let expected = 10;
      let rejected = false;
      for (const [{ text, good }, away] of steps) {
        await store.publish(key, text);
        if (away) store.fail(new Error("away"));
        await clock.advance(3000);
        if (away) {
          store.fail(undefined);
          await clock.advance(5000);
        }
        expected = good ?? expected;
        rejected = good === undefined;
        assert.equal(live.current.order.lines, expected);
        assert.equal(follower.status.rejected !== undefined, rejected);
        assert.equal(follower.status.ageSeconds > 0, rejected);
      }
      await close();
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 60 },
  );
});

test("a bad document is logged once, and a good one after it ends the alarm", async () => {
  const { clock, store, log, accepted, follower, close } = following();
  await store.publish(key, lines(0));
  await clock.advance(200);
  store.fail(new Error("away"));
  await clock.advance(60_000);
  store.fail(undefined);
  await clock.advance(5000);
  const messages = (): string[] => log.map(({ level, message }) => `${level} ${message}`);
  assert.deepEqual(messages(), [
    "error the new settings are not in force; those before stay",
    "warn the configuration cannot be read; the last good settings stay",
    "info the configuration can be read again",
  ]);
  assert.ok(follower.status.ageSeconds >= 60);
  assert.match(follower.status.rejected?.why ?? "", /order.lines = 0/);
  await store.publish(key, lines(2));
  await clock.advance(200);
  assert.equal(follower.status.ageSeconds, 0);
  assert.deepEqual(accepted, [lines(2)]);
  await close();
});

test("a listener that throws marks the version as bad; the next one is tried", async () => {
  const { clock, store, live, follower, close } = following();
  live.view("order").watch((now) => {
    if (now.lines === 66) throw new Error("not 66");
  });
  for (const [count, expected] of [
    [5, 5],
    [66, 5],
    [7, 7],
  ] as const) {
    await store.publish(key, lines(count));
    await clock.advance(200);
    assert.equal(live.current.order.lines, expected);
  }
  await store.publish(key, lines(66));
  await clock.advance(200);
  assert.equal(follower.status.rejected?.why, "not 66");
  await close();
});

test("changes that follow each other quickly are one, and those that never rest are read all the same", async () => {
  const { clock, store, live, close } = following();
  await clock.advance(200);
  let told = 0;
  live.view("order").watch(() => void told++);
  for (const count of [1, 2, 3]) {
    await store.publish(key, lines(count));
    await clock.advance(50);
  }
  assert.equal(told, 0);
  await clock.advance(100);
  assert.equal(told, 1);
  for (let count = 10; count < 40; count++) {
    await store.publish(key, lines(count));
    await clock.advance(50);
  }
  assert.ok(told >= 3, `${told}`);
  await close();
});

test("new values of settings that are not live are named once, and are not in force", async () => {
  const { clock, store, log, live, close } = following();
  for (const note of ["a", "b"]) {
    await store.publish(key, `settings: { order: { port: 90, note: ${note} } }`);
    await clock.advance(200);
  }
  assert.equal(live.current.order.port, 80);
  assert.equal(live.current.order.note, "b");
  const waiting = log.filter(({ level }) => level === "warn");
  assert.deepEqual(
    waiting.map(({ fields }) => fields.settings),
    [["order.port"]],
  );
  await close();
});

test("a settings file that changes is read anew, and a broken one changes nothing", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "default.yaml");
  const { clock, live, follower, close } = following([fileSource(file)], [file]);
  writeFileSync(file, "order: { lines: 21 }");
  await clock.advance(1000);
  assert.equal(live.current.order.lines, 21);
  writeFileSync(file, "order: { lines: 21");
  await clock.advance(1000);
  assert.equal(live.current.order.lines, 21);
  assert.match(follower.status.rejected?.why ?? "", /default\.yaml:1:/);
  rmSync(file);
  await clock.advance(1000);
  assert.equal(live.current.order.lines, 10);
  await close();
});
