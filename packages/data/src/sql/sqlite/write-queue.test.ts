import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RpcError, Runtime, silentLogger, systemClock } from "@sampan/core";
import { CompiledQuery } from "kysely";
import { SqlErrors } from "../errors.js";
import { SqliteConnection } from "./connection.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";
import type { TransactionHandle } from "./transaction-handle.js";
import { WriteQueue } from "./write-queue.js";

const runtime = new Runtime({
  name: "write-queue-test",
  connect() {
    throw new Error("calls nobody");
  },
});
const newCall = () => runtime.root({ name: "test" });

interface Bench {
  readonly connection: SqliteConnection;
  readonly queue: WriteQueue;
  /** Commits so far. */
  commits(): number;
  add(text: string): Promise<void>;
  count(): bigint;
}

async function withQueue(
  limits: { transactions: number; ms: number },
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  const folder = temporaryFolder();
  const connection = new SqliteConnection("queue.db", folder.file("queue.db"), 0, silentLogger);
  connection.exec("PRAGMA journal_mode = WAL; CREATE TABLE note (text)");
  let commits = 0;
  const committed = (): void => void commits++;
  const queue = new WriteQueue({
    connection,
    clock: systemClock,
    limits,
    commits: "off-thread",
    shared: false,
    committed,
  });
  const bench: Bench = {
    connection,
    queue,
    commits: () => commits,
    add: (text) => queue.run(newCall(), (handle) => insert(handle, text)),
    count: () => connection.all("SELECT count(*) AS n FROM note")[0]?.n as bigint,
  };
  try {
    await test(bench);
    await queue.idle();
  } finally {
    connection.close();
    folder.remove();
  }
}

async function insert(handle: TransactionHandle, text: string): Promise<void> {
  await handle.executeQuery(CompiledQuery.raw("insert into note values (?)", [text]));
}

describe("WriteQueue", () => {
  it("lets transactions that wait together share commits, up to the limit", () =>
    withQueue({ transactions: 10, ms: 10_000 }, async ({ add, commits, count }) => {
      await Promise.all(Array.from({ length: 35 }, (_, i) => add(`${i}`)));
      assert.equal(count(), 35n);
      assert.equal(commits(), 4);
    }));

  it("ends a batch after its time", () =>
    withQueue({ transactions: 64, ms: 0 }, async ({ add, commits }) => {
      await Promise.all([add("a"), add("b"), add("c")]);
      assert.equal(commits(), 3);
    }));

  it("answers nobody before the commit, not even one that failed by what it read", () =>
    withQueue({ transactions: 64, ms: 10_000 }, async ({ queue, commits, connection }) => {
      const log: string[] = [];
      const tell = (name: string) => () => void log.push(`${name} after ${commits()} commits`);
      let seen: unknown;
      const first = queue.run(newCall(), (handle) => insert(handle, "the last piece")).then(tell("first"));
      const second = queue
        .run(newCall(), async () => {
          seen = connection.all("SELECT text FROM note")[0]?.text;
          throw new Error("out of stock");
        })
        .catch(tell("second"));
      await Promise.all([first, second]);
      assert.equal(seen, "the last piece");
      assert.deepEqual(log, ["first after 1 commits", "second after 1 commits"]);
    }));

  it("tells all who share a commit when the disk is full, keeps nothing of them, and goes on", () =>
    withQueue({ transactions: 64, ms: 10_000 }, async ({ queue, connection, add, count, commits }) => {
      connection.exec("PRAGMA max_page_count = 20");
      const big = (): Promise<void> => queue.run(newCall(), (handle) => insert(handle, "x".repeat(200_000)));
      const outcomes = await Promise.allSettled([add("before"), big(), add("after")]);
      const errors = outcomes.map((outcome) =>
        outcome.status === "rejected" ? (outcome.reason as RpcError).reason : "kept",
      );
      assert.equal(errors[1], "DISK_FULL");
      assert.equal(count(), BigInt(errors.filter((error) => error === "kept").length));
      await add("small");
      assert.ok(commits() >= 1);
    }));

  it("tells all who share a commit that fails", () =>
    withQueue({ transactions: 64, ms: 10_000 }, async ({ queue, connection, add, count }) => {
      connection.exec("PRAGMA foreign_keys = ON");
      connection.exec("CREATE TABLE parent (id integer primary key)");
      connection.exec("CREATE TABLE child (parent integer references parent (id) deferrable initially deferred)");
      const orphan = queue.run(newCall(), async (handle) => {
        await handle.executeQuery(CompiledQuery.raw("insert into child values (7)"));
      });
      const outcomes = await Promise.allSettled([add("innocent"), orphan]);
      for (const outcome of outcomes) {
        assert.ok(outcome.status === "rejected" && SqlErrors.CONSTRAINT_VIOLATION.is(outcome.reason));
      }
      assert.equal(count(), 0n);
      await add("later");
      assert.equal(count(), 1n);
    }));

  it("says that the file is busy when another program writes, and goes on afterwards", () =>
    withQueue({ transactions: 64, ms: 10_000 }, async ({ connection, add, count }) => {
      const path = connection.all("PRAGMA database_list")[0]?.file as string;
      const intruder = new SqliteConnection("queue.db", path, 0, silentLogger);
      intruder.exec("BEGIN IMMEDIATE");
      await assert.rejects(add("a"), SqlErrors.SQL_BUSY.is);
      intruder.exec("COMMIT");
      intruder.close();
      await add("b");
      assert.equal(count(), 1n);
    }));

  it("keeps the event loop turning while a commit waits for the disk", () =>
    withQueue({ transactions: 64, ms: 10_000 }, async ({ add, commits }) => {
      const written = add("a");
      // The work has run when its promises have; what is left is the commit, which answers in a later turn.
      for (let i = 0; i < 50; i++) await Promise.resolve();
      assert.equal(commits(), 0);
      await written;
      assert.equal(commits(), 1);
    }));
});
