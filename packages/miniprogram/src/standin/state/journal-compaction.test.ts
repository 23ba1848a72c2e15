import assert from "node:assert/strict";
import { type FileHandle, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StandinEvent } from "./events.js";
import { Journal } from "./journal.js";
import { draftOf } from "./journal-rewrite.js";

const user = (openid: string): StandinEvent => ({ type: "user", openid, unionId: "" });
const token = (index: number): StandinEvent => ({ type: "token", token: `t${index}`, expiresAt: 1 });

async function journalFile(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "journal-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return join(path, "journal.jsonl");
}

async function lines(path: string): Promise<string[]> {
  return (await readFile(path, "utf8")).trimEnd().split("\n");
}

const text = (events: readonly StandinEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join("");

test("a journal that is mostly dead is written anew when it is opened, and goes on", async (t) => {
  const path = await journalFile(t);
  await writeFile(path, text([user("o1"), ...Array.from({ length: 999 }, (_, index) => token(index))]), {
    mode: 0o600,
  });
  let seen = 0;
  const journal = await Journal.open(
    path,
    () => seen++,
    () => 0,
  );
  assert.equal(seen, 1000);
  journal.append(user("o2"));
  await journal.close();
  assert.deepEqual(
    await lines(path),
    text([user("o1"), token(997), token(998), user("o2")])
      .trimEnd()
      .split("\n"),
  );
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("one that is small, or half alive, is left as it is", async (t) => {
  const path = await journalFile(t);
  for (const events of [
    Array.from({ length: 999 }, (_, index) => token(index)),
    [
      ...Array.from({ length: 501 }, (_, index) => user(`o${index}`)),
      ...Array.from({ length: 500 }, (_, index) => token(index)),
    ],
  ]) {
    await writeFile(path, text(events));
    await (
      await Journal.open(
        path,
        () => {},
        () => 0,
      )
    ).close();
    assert.equal((await lines(path)).length, events.length);
  }
});

test("a journal that becomes mostly dead is written anew while it is used, and loses nothing", async (t) => {
  const path = await journalFile(t);
  const journal = await Journal.open(
    path,
    () => {},
    () => 0,
  );
  for (let index = 0; index < 5000; index++) {
    journal.append(token(index));
    if (index % 100 === 0) journal.append(user(`o${index}`));
    if (index % 500 === 0) await journal.flushed();
  }
  await journal.close();
  assert.ok((await lines(path)).length < 2000);
  const read: StandinEvent[] = [];
  await (
    await Journal.open(
      path,
      (event) => read.push(event),
      () => 0,
    )
  ).close();
  const users = read.filter(({ type }) => type === "user");
  assert.deepEqual(
    users,
    Array.from({ length: 50 }, (_, index) => user(`o${index * 100}`)),
  );
  assert.deepEqual(read.at(-1), token(4999));
});

test("what a crash left of a new journal is forgotten", async (t) => {
  const path = await journalFile(t);
  await writeFile(path, text([user("o1")]));
  await writeFile(draftOf(path), '{"type":"user","openid":"oHalf');
  const read: StandinEvent[] = [];
  await (
    await Journal.open(
      path,
      (event) => read.push(event),
      () => 0,
    )
  ).close();
  assert.deepEqual(read, [user("o1")]);
  await assert.rejects(stat(draftOf(path)));
});

test("a new journal that cannot be written leaves the old one, which goes on", async (t) => {
  const path = await journalFile(t);
  const events = [user("o1"), ...Array.from({ length: 999 }, (_, index) => token(index))];
  await writeFile(path, text(events));
  const handle = await open(path, "r");
  await handle.close();
  const sync = t.mock.method(Object.getPrototypeOf(handle) as FileHandle, "datasync", () =>
    Promise.reject(new Error("disk full")),
  );
  const journal = await Journal.open(
    path,
    () => {},
    () => 0,
  );
  sync.mock.restore();
  assert.equal((await lines(path)).length, 1000);
  await assert.rejects(stat(draftOf(path)));
  journal.append(user("o2"));
  await journal.close();
  assert.equal((await lines(path)).at(-1), JSON.stringify(user("o2")));
});
