import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Runtime } from "@sampan/core";
import { sql as rawSql } from "kysely";
import { SqlErrors } from "../errors.js";
import { openSqlite, type SqliteSql } from "./open-sqlite.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

interface Tables {
  note: { id: bigint | number; text: string | null; parent: bigint | number | null };
}

const notes = (sql: string) => ({ name: "notes", migrations: [{ id: "0001-note", up: [sql] }] });
const schema = notes("create table note (id integer primary key, text text, parent integer)");
const runtime = new Runtime({
  name: "sqlite-test",
  connect() {
    throw new Error("calls nobody");
  },
});
const newCall = () => runtime.root({ name: "test" });

async function inFolder(test: (folder: ReturnType<typeof temporaryFolder>) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await test(folder);
  } finally {
    folder.remove();
  }
}

function add(sql: SqliteSql<Tables>, id: number, parent: number | null = null): Promise<void> {
  return sql.transaction(newCall(), async (tx) => {
    await tx.insertInto("note").values({ id, text: "x", parent }).execute();
  });
}

describe("openSqlite", () => {
  it("has the settings in force that make a commit durable", () =>
    inFolder(async ({ file }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      assert.deepEqual(await sql.durability(), { journalMode: "wal", synchronous: "full", foreignKeys: true });
      await add(sql, 1);
      assert.deepEqual(await sql.durability(), { journalMode: "wal", synchronous: "full", foreignKeys: true });
      await sql.close();
    }));

  it("can be asked for its settings while it commits", () =>
    inFolder(async ({ file }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      const asked: Promise<unknown>[] = [];
      const ask = (): void => void asked.push(sql.durability());
      for (let id = 0; id < 20; id++) {
        const added = add(sql, id);
        ask();
        setImmediate(ask);
        await added;
      }
      assert.ok((await Promise.all(asked)).length > 20);
      await sql.close();
    }));

  it("makes the folder, and takes any file name", () =>
    inFolder(async ({ file }) => {
      const name = file("new/deep/we ird #%?&.db");
      const sql = await openSqlite<Tables>({ file: name, schemas: [schema] });
      await add(sql, 1);
      assert.equal((await sql.read.selectFrom("note").selectAll().execute()).length, 1);
      await sql.close();
      assert.ok(existsSync(name));
    }));

  it("refuses a file that is open, also under another name, and takes it again after it is closed", () =>
    inFolder(async ({ file }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      symlinkSync(file("a.db"), file("link.db"));
      for (const name of ["a.db", "link.db"]) {
        await assert.rejects(openSqlite({ file: file(name), schemas: [schema] }), (error: Error) => {
          return SqlErrors.FILE_IN_USE.is(error) && error.message.includes(`process ${process.pid}`);
        });
      }
      await add(sql, 1);
      await sql.close();
      const again = await openSqlite<Tables>({ file: file("link.db"), schemas: [schema] });
      assert.equal((await again.read.selectFrom("note").selectAll().execute()).length, 1);
      await again.close();
    }));

  it("leaves one file with everything in it when it is closed", () =>
    inFolder(async ({ file, path }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      for (let id = 0; id < 20; id++) await add(sql, id);
      assert.ok(statSync(file("a.db-wal")).size > 0);
      await sql.close();
      const others = readdirSync(path).filter((name) => name !== "a.db" && name !== "a.db-shm");
      for (const name of others) assert.equal(statSync(file(name)).size, 0, name);
    }));

  it("frees the file again when opening fails", () =>
    inFolder(async ({ file }) => {
      const broken = notes("create tabel note");
      await assert.rejects(openSqlite({ file: file("a.db"), schemas: [broken] }), SqlErrors.MIGRATION_FAILED.is);
      await (await openSqlite({ file: file("a.db"), schemas: [schema] })).close();
    }));

  it("says what is wrong with a file that is no database, and with one that cannot be made", () =>
    inFolder(async ({ file }) => {
      writeFileSync(file("text.db"), "x".repeat(8192));
      await assert.rejects(openSqlite({ file: file("text.db"), schemas: [] }), SqlErrors.SQL_DAMAGED.is);
      mkdirSync(file("folder.db"));
      await assert.rejects(openSqlite({ file: file("folder.db"), schemas: [] }), SqlErrors.SQL_IO.is);
    }));

  it("keeps its transaction control and settings to itself", () =>
    inFolder(async ({ file }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      for (const statement of ["commit", "  ROLLBACK", "savepoint x", "pragma synchronous = off", "attach 'x' as y"]) {
        const inside = sql.transaction(newCall(), async (tx) => {
          await tx.insertInto("note").values({ id: 1, text: null, parent: null }).execute();
          await rawSql.raw(statement).execute(tx);
        });
        await assert.rejects(inside, SqlErrors.SQL_STATEMENT.is, statement);
        await assert.rejects(rawSql.raw(statement).execute(sql.read), SqlErrors.SQL_STATEMENT.is, statement);
      }
      await assert.rejects(
        sql.transaction(newCall(), (tx) => tx.startTransaction().execute()),
        SqlErrors.SQL_READ_ONLY.is,
      );
      assert.deepEqual(await sql.read.selectFrom("note").selectAll().execute(), []);
      await sql.close();
    }));

  it("gives transactions with deferred constraints commits of their own", () =>
    inFolder(async ({ file }) => {
      const deferred = notes(
        "create table note (id integer primary key, text text, parent integer references note (id) deferrable initially deferred)",
      );
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [deferred] });
      const outcomes = await Promise.allSettled([add(sql, 1), add(sql, 2, 99), add(sql, 3, 1)]);
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status),
        ["fulfilled", "rejected", "fulfilled"],
      );
      assert.ok(SqlErrors.CONSTRAINT_VIOLATION.is((outcomes[1] as PromiseRejectedResult).reason));
      assert.equal((await sql.read.selectFrom("note").selectAll().execute()).length, 2);
      await sql.close();
    }));

  it("binds whole numbers as integers and fractions as floats", () =>
    inFolder(async ({ file }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      const { rows } =
        await rawSql`select ${1} as whole, typeof(${2}) as two, ${0.5} as half, ${1e300} as large`.execute(sql.read);
      assert.deepEqual(rows, [{ whole: 1n, two: "integer", half: 0.5, large: 1e300 }]);
      await sql.close();
    }));

  it("streams, and survives more statements than it keeps prepared", () =>
    inFolder(async ({ file }) => {
      const sql = await openSqlite<Tables>({ file: file("a.db"), schemas: [schema] });
      for (let id = 0; id < 3; id++) await add(sql, id);
      const ids: unknown[] = [];
      for await (const row of sql.read.selectFrom("note").select("id").orderBy("id").stream()) ids.push(row.id);
      assert.deepEqual(ids, [0n, 1n, 2n]);
      for (let i = 0; i < 600; i++) await rawSql.raw(`select ${i}`).execute(sql.read);
      assert.equal((await sql.read.selectFrom("note").select("id").execute()).length, 3);
      await sql.close();
    }));
});
