// limit: 120s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { SqlErrors } from "../errors.js";
import { openSqlite } from "./open-sqlite.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";
import { type AccountTables, accountSchema, accounts, opening } from "./transfer-process.fixture.js";
import { startWriter, type WriterChild } from "./writer-child.fixture.js";

const open = (file: string, shared: boolean) => openSqlite<AccountTables>({ file, schemas: [accountSchema], shared });

const start = (file: string, count: number, clients: number): WriterChild =>
  startWriter([file, String(count), String(clients)], [], "transfer-process");

const doneIn = ({ lines }: WriterChild): readonly string[] =>
  lines.filter((line) => line.startsWith("done ")).map((line) => line.split(" ")[1] as string);

/** What the accounts hold together, and the transfers that are written down; both must tell the same. */
async function audit(file: string): Promise<ReadonlySet<string>> {
  const sql = await open(file, false);
  const balances = await sql.read.selectFrom("account").selectAll().execute();
  const transfers = await sql.read.selectFrom("transfer").selectAll().execute();
  await sql.close();
  const expected = new Map(Array.from({ length: accounts }, (_, id) => [BigInt(id), opening]));
  const add = (id: bigint, amount: bigint) => expected.set(id, (expected.get(id) as bigint) + amount);
  for (const { payer, payee } of transfers) {
    add(BigInt(payer), -1n);
    add(BigInt(payee), 1n);
  }
  assert.deepEqual(new Map(balances.map(({ id, balance }) => [BigInt(id), BigInt(balance)])), expected);
  return new Set(transfers.map(({ id }) => id));
}

describe("a database file that several processes share", () => {
  it("takes the transfers of all of them, started together on a new file, and loses and mixes none", async () => {
    const folder = temporaryFolder();
    const file = folder.file("shared.db");
    const tellers = Array.from({ length: 4 }, () => start(file, 200, 4));
    try {
      await Promise.all(tellers.map((teller) => teller.until((line) => line === "end")));
      await Promise.all(tellers.map((teller) => teller.stop()));
      // The last one to close has folded the log into the file.
      assert.equal(existsSync(`${file}-wal`), false);
      assert.equal(existsSync(`${file}-owner`), false);
      const written = await audit(file);
      assert.equal(written.size, 800);
    } finally {
      for (const teller of tellers) await teller.kill();
      folder.remove();
    }
  });

  it("goes on when one is killed in the middle: nothing answered is lost, and nobody waits for the dead", async () => {
    const folder = temporaryFolder();
    const file = folder.file("killed.db");
    const tellers = Array.from({ length: 3 }, () => start(file, 1_000_000, 4));
    const [victim, ...others] = tellers as [WriterChild, WriterChild, WriterChild];
    try {
      await Promise.all(tellers.map((teller) => teller.until((line) => line.startsWith("done "))));
      await victim.until(() => victim.lines.length > 50);
      await victim.kill();
      const before = others.map(({ lines }) => lines.length);
      await Promise.all(
        others.map((teller, i) => teller.until(() => teller.lines.length > (before[i] as number) + 50)),
      );
      for (const teller of others) await teller.kill();
      const written = await audit(file);
      for (const teller of tellers) for (const id of doneIn(teller)) assert.ok(written.has(id), `${id} was answered`);
    } finally {
      for (const teller of tellers) await teller.kill();
      folder.remove();
    }
  });

  it("keeps out a process that wants it alone, and is kept out by one that has it", async () => {
    const folder = temporaryFolder();
    const file = folder.file("either.db");
    const teller = start(file, 1, 1);
    try {
      await teller.until((line) => line === "end");
      await assert.rejects(open(file, false), (error: Error) => {
        return SqlErrors.FILE_IN_USE.is(error) && error.message.includes(`process ${teller.pid},`);
      });
      const together = await open(file, true);
      await together.close();
      await teller.stop();
      const alone = await open(file, false);
      await assert.rejects(open(file, true), (error: Error) => SqlErrors.FILE_IN_USE.is(error));
      await alone.close();
    } finally {
      await teller.kill();
      folder.remove();
    }
  });

  it("tells onCommit of the commits of others", async () => {
    const folder = temporaryFolder();
    const file = folder.file("heard.db");
    const sql = await open(file, true);
    const heard = new Promise<void>((resolve) => sql.onCommit(resolve));
    const teller = start(file, 1, 1);
    try {
      await teller.until((line) => line === "end");
      await heard;
    } finally {
      await teller.kill();
      await sql.close();
      folder.remove();
    }
  });
});
