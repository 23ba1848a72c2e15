import assert from "node:assert/strict";
import { type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startWorld } from "../world.fixture.js";
import type { StandinEvent } from "./events.js";
import { Journal } from "./journal.js";

const user = (openid: string): StandinEvent => ({ type: "user", openid, unionId: "" });

async function journalFile(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "journal-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return join(path, "journal.jsonl");
}

/** What all file handles share, so that a test can stand between the journal and the disk. */
async function handles(path: string): Promise<FileHandle> {
  const handle = await open(path, "a");
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

/** Holds every sync back until `release`, and counts them. */
async function holdSync(t: TestContext, path: string) {
  const held: (() => void)[] = [];
  const mock = t.mock.method(await handles(path), "datasync", () => new Promise<void>((resolve) => held.push(resolve)));
  return {
    held,
    /** Resolves when one is held. */
    async begun(): Promise<void> {
      for (let turn = 0; held.length === 0; turn++) {
        assert.ok(turn < 100_000, "nothing is synced");
        await new Promise(setImmediate);
      }
    },
    release(): void {
      mock.mock.restore();
      for (const resolve of held) resolve();
    },
  };
}

test("flushed waits for the disk, and a burst shares one sync", async (t) => {
  const path = await journalFile(t);
  const journal = await Journal.open(
    path,
    () => {},
    () => 0,
  );
  const sync = await holdSync(t, path);
  try {
    for (let i = 0; i < 100; i++) journal.append(user(`o${i}`));
    let flushed = false;
    void journal.flushed().then(() => (flushed = true));
    await sync.begun();
    await new Promise(setImmediate);
    assert.equal(flushed, false);
    assert.equal((await readFile(path, "utf8")).split("\n").length, 101);
    assert.equal(sync.held.length, 1);
  } finally {
    sync.release();
    await journal.close();
  }
});

test("a write that fails breaks every promise from then on", async (t) => {
  const path = await journalFile(t);
  const journal = await Journal.open(
    path,
    () => {},
    () => 0,
  );
  const sync = t.mock.method(await handles(path), "datasync", () => Promise.reject(new Error("disk full")));
  journal.append(user("o1"));
  await assert.rejects(journal.flushed(), /disk full/);
  sync.mock.restore();
  journal.append(user("o2"));
  await assert.rejects(journal.flushed(), /disk full/);
  await assert.rejects(journal.close(), /disk full/);
});

test("long and many lines come back as they were, across the reader's chunks", async (t) => {
  const path = await journalFile(t);
  const events = Array.from({ length: 200 }, (_, index) => user(`茶${"x".repeat(index * 13)}`));
  const journal = await Journal.open(
    path,
    () => assert.fail("a new file has no events"),
    () => 0,
  );
  for (const event of events) journal.append(event);
  await journal.close();
  const read: StandinEvent[] = [];
  await (
    await Journal.open(
      path,
      (event) => read.push(event),
      () => 0,
    )
  ).close();
  assert.deepEqual(read, events);
});

test("no payment is told or answered before it is on the disk", async (t) => {
  const dataFile = await journalFile(t);
  const world = await startWorld(t, { dataFile });
  const order = await world.order();
  const sync = await holdSync(t, dataFile);
  let answered = false;
  const paying = world.control("pay", { prepayId: order.prepayId }).then(() => (answered = true));
  try {
    await sync.begun();
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    assert.equal(answered, false);
    assert.equal(world.merchant.received.length, 0);
  } finally {
    sync.release();
  }
  await paying;
  assert.equal(world.merchant.received.length, 1);
});

test("no order or refund is answered before it is on the disk", async (t) => {
  const dataFile = await journalFile(t);
  const world = await startWorld(t, { dataFile });
  const paid = await world.order();
  await world.control("pay", { prepayId: paid.prepayId });
  for (const ask of [
    () => world.order({ payerOpenid: paid.payerOpenid }),
    () => world.pay.refund({ ...paid, outRefundNo: "durable-1", total: paid.amount }, world.call()),
  ]) {
    const sync = await holdSync(t, dataFile);
    let answered = false;
    const asking = ask().then(() => (answered = true));
    try {
      await sync.begun();
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      assert.equal(answered, false);
    } finally {
      sync.release();
    }
    await asking;
  }
});
