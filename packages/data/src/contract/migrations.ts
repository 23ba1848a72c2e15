import assert from "node:assert/strict";
import { it } from "node:test";
import { CoreErrors } from "@sampan/core";
import type { Migration, Schema } from "../sql/contract.js";
import { SqlErrors } from "../sql/errors.js";
import { addAccount, balanceOf, contractSchema, newCall, type SqlEngine, type TestDatabase } from "./engine.js";

/** Migrations run once, in order, and never over a history that differs. Also: closing. */
export function migrationContract(engine: SqlEngine): void {
  const base = contractSchema(engine);
  const schema = (...more: readonly Migration[]): Schema => ({
    name: base.name,
    migrations: [...base.migrations, ...more],
  });
  const widen: Migration = { id: "0002-widen", up: ["alter table account add column colour varchar(20)"] };
  const seed: Migration = { id: "0004-seed", up: ["insert into account (id, balance) values (77, 77)"] };

  it("run once, in order, and keep the data", () =>
    withEmpty(engine, async (database) => {
      await openAndClose(database, [schema()]);
      await openAndClose(database, [schema(widen, seed)]);
      const sql = await database.open([schema(widen, seed)]);
      assert.equal(await balanceOf(sql, 77), 77n);
      await sql.close();
    }));

  it("of one schema do not disturb those of another", () =>
    withEmpty(engine, async (database) => {
      const other: Schema = {
        name: "other",
        migrations: [{ id: "0001-other", up: ["create table other (id bigint)"] }],
      };
      await openAndClose(database, [schema(widen)]);
      await openAndClose(database, [other, schema(widen)]);
      await openAndClose(database, [schema(widen, seed)]);
    }));

  it("are atomic: one that fails leaves nothing, those before it stay", () =>
    withEmpty(engine, async (database) => {
      const broken: Migration = {
        id: "0003-broken",
        up: ["insert into account (id, balance) values (1, 1)", "nonsense"],
      };
      await assert.rejects(database.open([schema(widen, broken)]), SqlErrors.MIGRATION_FAILED.is);
      const sql = await database.open([schema(widen)]);
      assert.equal(await balanceOf(sql, 1), undefined);
      await sql.close();
    }));

  const between: Migration = { id: "0003-between", up: ["insert into account (id, balance) values (3, 3)"] };
  const histories: readonly [string, Schema, (error: unknown) => boolean][] = [
    ["a changed migration", schema({ ...widen, up: ["select 1"] }, seed), SqlErrors.MIGRATION_CHANGED.is],
    ["a removed migration", schema(seed), SqlErrors.MIGRATION_UNKNOWN.is],
    ["a database that is newer than the program", schema(widen), SqlErrors.MIGRATION_UNKNOWN.is],
    ["a new migration before one that has run", schema(widen, between, seed), SqlErrors.MIGRATION_OUT_OF_ORDER.is],
  ];
  for (const [what, changed, refusal] of histories) {
    it(`refuses ${what}, and changes nothing`, () =>
      withEmpty(engine, async (database) => {
        await openAndClose(database, [schema(widen, seed)]);
        await assert.rejects(database.open([changed]), refusal);
        await openAndClose(database, [schema(widen, seed)]);
      }));
  }

  it("refuses a program whose migrations are misnumbered", () =>
    withEmpty(engine, async (database) => {
      await assert.rejects(database.open([schema(seed, widen)]), TypeError);
      await assert.rejects(database.open([schema({ id: "next", up: [] })]), TypeError);
      await assert.rejects(database.open([schema(), schema()]), TypeError);
    }));

  it("closing lets what has been started commit, refuses the rest, and keeps the data", () =>
    withEmpty(engine, async (database) => {
      const sql = await database.open([schema()]);
      const started = [1, 2, 3].map((id) => addAccount(sql, id, BigInt(id)));
      const closed = sql.close();
      await assert.rejects(addAccount(sql, 4), SqlErrors.SQL_CLOSED.is);
      await Promise.all([...started, closed, sql.close()]);
      await assert.rejects(balanceOf(sql, 1), SqlErrors.SQL_CLOSED.is);
      const again = await database.open([schema()]);
      assert.deepEqual(await Promise.all([1, 2, 3, 4].map((id) => balanceOf(again, id))), [1n, 2n, 3n, undefined]);
      await again.close();
    }));

  it("closing waits for a transaction that hangs no longer than its call", () =>
    withEmpty(engine, async (database) => {
      const sql = await database.open([schema()]);
      const call = newCall();
      const hanging = sql.transaction(call, () => new Promise<never>(() => {}));
      const closed = sql.close();
      call.expire();
      await assert.rejects(hanging, CoreErrors.DEADLINE_EXCEEDED.is);
      await closed;
    }));
}

async function openAndClose(database: TestDatabase, schemas: readonly Schema[]): Promise<void> {
  await (await database.open(schemas)).close();
}

async function withEmpty(engine: SqlEngine, test: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await engine.create();
  try {
    await test(database);
  } finally {
    await database.remove();
  }
}
