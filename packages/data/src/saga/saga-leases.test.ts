import assert from "node:assert/strict";
import { test } from "node:test";
import { sql as text } from "kysely";
import { type NoteTables, note, withSagas } from "./saga.fixture.js";
import { defineSaga, step } from "./saga.js";

/** One step that each test finishes by hand, and what happened in it. */
function scripted() {
  const log: string[] = [];
  const doors: (() => void)[] = [];
  const saga = defineSaga<number, NoteTables>({
    name: "lease",
    steps: [
      step("hold", {
        timeoutMs: 10 * 60_000,
        run: async (_, call, { attempt }) => {
          log.push(`run ${attempt}`);
          await new Promise<void>((resolve, reject) => {
            doors.push(resolve);
            call.onAbort((error) => {
              log.push(`abort ${attempt}`);
              reject(error);
            });
          });
          return { commit: note(`held ${attempt}`) };
        },
      }),
      step("after", { run: async () => ({ commit: note("after") }) }),
    ],
  });
  return { saga, log, doors };
}

test("a lease is renewed for as long as its step runs, so no other runner takes the saga", () => {
  const { saga, log, doors } = scripted();
  return withSagas([saga], async ({ begin, another, clock, quiet, until, notes }) => {
    const other = another({ owner: "other" });
    await other.start();
    await begin(saga, "s1", 1);
    await quiet();
    for (let i = 0; i < 40; i++) await clock.advance(5000);
    assert.deepEqual(log, ["run 1"]);
    doors[0]?.();
    await until("s1", "completed");
    assert.deepEqual(await notes(), ["held 1", "after"]);
    await other.stop();
  });
});

test("who has lost its lease is aborted and writes nothing; the other runner's result counts", () => {
  const { saga, log, doors } = scripted();
  return withSagas([saga], async ({ begin, another, clock, quiet, until, notes, sql, newCall }) => {
    await begin(saga, "s1", 1);
    await quiet();
    const other = another({ owner: "other" });
    await other.start();
    // As if this process had stood still for longer than its lease.
    await sql.transaction(newCall(), (tx) => text`update sampan_saga set due_at = ${clock.now()}`.execute(tx));
    const poke = another({ owner: "other" });
    await poke.signal(undefined, { id: "s1", event: "poke", signalId: "p" });
    await other.signal(undefined, { id: "s1", event: "poke", signalId: "q" });
    await quiet();
    assert.deepEqual(log, ["run 1", "run 2"]);
    await clock.advance(10_000);
    assert.deepEqual(log, ["run 1", "run 2", "abort 1"]);
    doors[1]?.();
    await until("s1", "completed");
    assert.deepEqual(await notes(), ["held 2", "after"]);
    await other.stop();
  });
});

test("a result that comes after another runner took the saga is thrown away behind the fence", () => {
  const { saga, doors } = scripted();
  return withSagas([saga], async ({ begin, quiet, notes, sql, newCall, sagas, logged }) => {
    await begin(saga, "s1", 1);
    await quiet();
    await sql.transaction(newCall(), (tx) =>
      text`update sampan_saga set fence = fence + 1, owner = 'other'`.execute(tx),
    );
    doors[0]?.();
    await quiet();
    assert.deepEqual(await notes(), []);
    assert.equal((await sagas.get("s1"))?.step, "hold");
    assert.ok(logged.some(({ message }) => message.includes("taken over")));
  });
});

test("a runner that starts takes back at once what its earlier life had in work", () => {
  const { saga, log, doors } = scripted();
  return withSagas([saga], async ({ begin, another, quiet, until, notes }) => {
    await begin(saga, "s1", 1);
    await quiet();
    // The first runner is not stopped: it stands for a process that is gone, and writes nothing any more.
    const reborn = another();
    await reborn.start();
    await quiet();
    assert.deepEqual(log, ["run 1", "run 2"]);
    doors[0]?.();
    doors[1]?.();
    await until("s1", "completed");
    assert.deepEqual(await notes(), ["held 2", "after"]);
    await reborn.stop();
  });
});

test("stopping lets the step end and keeps the rest for the next start; after the grace it is aborted, uncounted", () => {
  const { saga, log, doors } = scripted();
  return withSagas([saga], async ({ begin, sagas, another, clock, quiet, notes, until }) => {
    await begin(saga, "s1", 1);
    await begin(saga, "s2", 1);
    await quiet();
    let stopped = false;
    const stopping = sagas.stop(5000).then(() => {
      stopped = true;
    });
    await begin(saga, "s3", 1);
    await quiet();
    doors[0]?.();
    await quiet();
    assert.deepEqual(await notes(), ["held 1"]);
    assert.equal(stopped, false);
    await clock.advance(5000);
    await stopping;
    assert.deepEqual(log, ["run 1", "run 1", "abort 1"]);
    assert.deepEqual([(await sagas.get("s1"))?.step, (await sagas.get("s2"))?.attempt], ["after", 0]);
    const next = another();
    await next.start();
    await quiet();
    assert.deepEqual(log.slice(3), ["run 1", "run 1"]);
    doors[2]?.();
    doors[3]?.();
    for (const id of ["s1", "s2", "s3"]) await until(id, "completed");
    await next.stop();
  });
});

test("ended sagas are deleted after the retention time, stuck ones are kept", () => {
  const saga = defineSaga<boolean, NoteTables>({
    name: "short",
    steps: [
      step("only", { pivot: true, run: async () => {} }),
      step("then", {
        retry: { attempts: 1 },
        run: async (fails) => (fails ? Promise.reject(new Error("no")) : undefined),
      }),
    ],
  });
  return withSagas(
    [saga],
    async ({ begin, sagas, clock, until, quiet }) => {
      await begin(saga, "good", false);
      await begin(saga, "bad", true);
      await until("good", "completed");
      await until("bad", "stuck");
      await clock.advance(3 * 3_600_000);
      await quiet();
      assert.deepEqual(
        (await sagas.list()).map(({ id }) => id),
        ["bad"],
      );
      assert.deepEqual(await sagas.history("good"), []);
      assert.equal(await sagas.signal(undefined, { id: "good", event: "x", signalId: "x" }), "unknown");
    },
    { retentionMs: 3_600_000 },
  );
});

test("a runner that starts says which sagas it has no definition for, and leaves them alone", () => {
  const { saga, doors } = scripted();
  return withSagas([saga], async ({ begin, sagas, another, quiet, logged }) => {
    await begin(saga, "s1", 1);
    await quiet();
    const other = another({ owner: "other", sagas: [] });
    await other.start();
    const [orphans] = logged.filter(({ message }) => message.includes("no definition"));
    assert.deepEqual(orphans?.fields, { orphans: [{ saga: "lease", count: 1 }] });
    await other.stop();
    doors[0]?.();
    await quiet();
    assert.equal((await sagas.get("s1"))?.status, "completed");
  });
});
