import assert from "node:assert/strict";
import { it } from "node:test";
import { SqlErrors } from "../sql/errors.js";
import { addAccount, balanceOf, type SqlEngine, withDatabase } from "./engine.js";

/** What goes in comes out, or is refused. */
export function valueContract(engine: SqlEngine): void {
  it("keeps 64-bit integers exactly and reads them as bigint", () =>
    withDatabase(engine, async (sql) => {
      const values = [0n, 1n, 9_007_199_254_740_993n, 2n ** 63n - 1n];
      for (const [id, value] of values.entries()) await addAccount(sql, id, value);
      assert.deepEqual(await Promise.all(values.map((_, id) => balanceOf(sql, id))), values);
    }));

  it("stores whole numbers as integers", () =>
    withDatabase(engine, async (sql, newCall) => {
      await sql.transaction(newCall(), (tx) =>
        tx.insertInto("account").values({ id: 1, balance: 42, tag: null }).execute(),
      );
      assert.equal(await balanceOf(sql, 1), 42n);
    }));

  it("keeps text, bytes, fractions and null", () =>
    withDatabase(engine, async (sql, newCall) => {
      const row = {
        id: 1n,
        account_id: 1n,
        note: "小程序 'quoted' \"x\" 😀\n",
        bytes: new Uint8Array([0, 255, 7]),
        ratio: 0.1,
      };
      const empty = { id: 2n, account_id: 1n, note: "", bytes: null, ratio: null };
      await addAccount(sql, 1);
      await sql.transaction(newCall(), (tx) => tx.insertInto("entry").values([row, empty]).execute());
      const rows = await sql.read.selectFrom("entry").selectAll().orderBy("id").execute();
      assert.deepEqual(
        rows.map((got) => ({ ...got, bytes: got.bytes && new Uint8Array(got.bytes) })),
        [row, empty],
      );
    }));

  const refused: readonly [string, unknown][] = [
    ["undefined", undefined],
    ["a boolean", true],
    ["a date", new Date(0)],
    ["an object", {}],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["an integer of more than 64 bits", 2n ** 63n],
    ["text with NUL", "a\0b"],
    ["half a surrogate pair", "a\uD800"],
  ];
  for (const [what, value] of refused) {
    it(`refuses ${what}`, () =>
      withDatabase(engine, async (sql, newCall) => {
        const writing = sql.transaction(newCall(), (tx) =>
          tx
            .updateTable("account")
            .set({ balance: 1 })
            .where("tag", "=", value as string)
            .execute(),
        );
        await assert.rejects(writing, SqlErrors.INVALID_VALUE.is);
        const reading = sql.read
          .selectFrom("account")
          .selectAll()
          .where("tag", "=", value as string)
          .execute();
        await assert.rejects(reading, SqlErrors.INVALID_VALUE.is);
      }));
  }

  it("names a unique constraint that is violated", () =>
    withDatabase(engine, async (sql) => {
      await addAccount(sql, 1, 0n, "red");
      await assert.rejects(addAccount(sql, 2, 0n, "red"), SqlErrors.UNIQUE_VIOLATION.is);
      await assert.rejects(addAccount(sql, 1, 0n, "blue"), SqlErrors.UNIQUE_VIOLATION.is, "a primary key too");
    }));

  it("maps check, not-null and foreign key violations", () =>
    withDatabase(engine, async (sql, newCall) => {
      await assert.rejects(addAccount(sql, 1, -1n), SqlErrors.CONSTRAINT_VIOLATION.is);
      const entry = { id: 1, account_id: 99, note: "no such account", bytes: null, ratio: null };
      const orphan = sql.transaction(newCall(), (tx) => tx.insertInto("entry").values(entry).execute());
      await assert.rejects(orphan, SqlErrors.CONSTRAINT_VIOLATION.is);
      const unnamed = { ...entry, note: null as unknown as string };
      const missing = sql.transaction(newCall(), (tx) => tx.insertInto("entry").values(unnamed).execute());
      await assert.rejects(missing, SqlErrors.CONSTRAINT_VIOLATION.is);
    }));

  it("refuses writes, transactions and wrong statements on the read handle", () =>
    withDatabase(engine, async (sql) => {
      const row = { id: 1, balance: 1, tag: null };
      await assert.rejects(sql.read.insertInto("account").values(row).execute(), SqlErrors.SQL_READ_ONLY.is);
      await assert.rejects(
        sql.read.transaction().execute(async () => {}),
        SqlErrors.SQL_READ_ONLY.is,
      );
      const wrong = sql.read
        .selectFrom("nowhere" as "account")
        .selectAll()
        .execute();
      await assert.rejects(wrong, SqlErrors.SQL_STATEMENT.is);
      assert.equal(await balanceOf(sql, 1), undefined);
    }));
}
