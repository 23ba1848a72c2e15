import assert from "node:assert/strict";
import { it } from "node:test";
import { SqlErrors } from "../sql/errors.js";
import { addAccount, balanceOf, increment, type SqlEngine, turn, withDatabase } from "./engine.js";

/** Commit, rollback, and what one transaction may do to another. */
export function transactionContract(engine: SqlEngine): void {
  it("commits what the work did and gives its result", () =>
    withDatabase(engine, async (sql, newCall) => {
      const result = await sql.transaction(newCall(), async (tx) => {
        await tx.insertInto("account").values({ id: 1, balance: 5, tag: null }).execute();
        return "done";
      });
      assert.equal(result, "done");
      assert.equal(await balanceOf(sql, 1), 5n);
    }));

  it("rolls back what the work did when it throws, and passes on what it threw", () =>
    withDatabase(engine, async (sql, newCall) => {
      const thrown = new Error("out of stock");
      const failed = sql.transaction(newCall(), async (tx) => {
        await tx.insertInto("account").values({ id: 1, balance: 5, tag: null }).execute();
        throw thrown;
      });
      await assert.rejects(failed, (error) => error === thrown);
      assert.equal(await balanceOf(sql, 1), undefined);
    }));

  it("survives a work function that throws before it returns a promise", () =>
    withDatabase(engine, async (sql, newCall) => {
      const work = (): Promise<void> => {
        throw new RangeError("at once");
      };
      await assert.rejects(sql.transaction(newCall(), work), RangeError);
      await addAccount(sql, 1, 3n);
      assert.equal(await balanceOf(sql, 1), 3n);
    }));

  it("rolls back only the one that fails among transactions that wait together", () =>
    withDatabase(engine, async (sql, newCall) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 9 }, (_, id) =>
          sql.transaction(newCall(), async (tx) => {
            await tx.insertInto("account").values({ id, balance: 1, tag: null }).execute();
            if (id % 3 === 0) throw new Error(`number ${id}`);
          }),
        ),
      );
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status === "fulfilled"),
        [false, true, true, false, true, true, false, true, true],
      );
      const rows = await sql.read.selectFrom("account").select("id").orderBy("id").execute();
      assert.deepEqual(
        rows.map((row) => row.id),
        [1n, 2n, 4n, 5n, 7n, 8n],
      );
    }));

  it("loses no update among concurrent increments", () =>
    withDatabase(engine, async (sql, newCall) => {
      await addAccount(sql, 1);
      const seen = await Promise.all(Array.from({ length: 200 }, () => increment(sql, newCall(), 1)));
      assert.equal(await balanceOf(sql, 1), 200n);
      assert.equal(new Set(seen).size, 200, "each saw a balance of its own");
    }));

  it("serves 500 transactions that wait, in the order they came", () =>
    withDatabase(engine, async (sql, newCall) => {
      const call = newCall();
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 500 }, (_, id) =>
          sql
            .transaction(call, (tx) => tx.insertInto("account").values({ id, balance: 1, tag: null }).execute())
            .then(() => order.push(id)),
        ),
      );
      assert.deepEqual(
        order,
        Array.from({ length: 500 }, (_, id) => id),
      );
      const { count } = await sql.read
        .selectFrom("account")
        .select((e) => e.fn.countAll<bigint>().as("count"))
        .executeTakeFirstOrThrow();
      assert.equal(count, 500n);
    }));

  it("refuses statements after the work has settled", () =>
    withDatabase(engine, async (sql, newCall) => {
      const late = await sql.transaction(newCall(), async (tx) => () => tx.selectFrom("account").selectAll().execute());
      await assert.rejects(late(), SqlErrors.TRANSACTION_CLOSED.is);
    }));

  it("only rolls back after a failed statement, even when the work goes on", () =>
    withDatabase(engine, async (sql, newCall) => {
      await addAccount(sql, 1, 0n, "taken");
      const swallowing = sql.transaction(newCall(), async (tx) => {
        await tx.insertInto("account").values({ id: 2, balance: 0, tag: null }).execute();
        await tx
          .insertInto("account")
          .values({ id: 3, balance: 0, tag: "taken" })
          .execute()
          .catch(() => {});
        return "all is well";
      });
      await assert.rejects(swallowing, SqlErrors.TRANSACTION_FAILED.is);
      assert.equal(await balanceOf(sql, 2), undefined);
    }));

  it("refuses statements after one that failed", () =>
    withDatabase(engine, async (sql, newCall) => {
      let second: unknown;
      const failing = sql.transaction(newCall(), async (tx) => {
        const first = await tx
          .insertInto("account")
          .values({ id: 1, balance: -1, tag: null })
          .execute()
          .catch((error) => error);
        second = await tx
          .selectFrom("account")
          .selectAll()
          .execute()
          .catch((error) => error);
        throw first;
      });
      await assert.rejects(failing, SqlErrors.CONSTRAINT_VIOLATION.is);
      assert.ok(SqlErrors.TRANSACTION_FAILED.is(second));
    }));

  it("tells listeners of commits, and of nothing else", () =>
    withDatabase(engine, async (sql, newCall) => {
      let commits = 0;
      const stop = sql.onCommit(() => commits++);
      await addAccount(sql, 1);
      assert.equal(commits, 1);
      await assert.rejects(sql.transaction(newCall(), () => Promise.reject(new Error("no"))));
      assert.equal(commits, 1);
      stop();
      await addAccount(sql, 2);
      assert.equal(commits, 1);
    }));

  it("shows other transactions and readers nothing before the commit", () =>
    withDatabase(engine, async (sql, newCall) => {
      let finish = (): void => {};
      const finished = new Promise<void>((resolve) => (finish = resolve));
      let inside: bigint | undefined;
      const first = sql.transaction(newCall(), async (tx) => {
        await tx.insertInto("account").values({ id: 1, balance: 7, tag: null }).execute();
        inside = (await tx.selectFrom("account").select("balance").executeTakeFirst())?.balance as bigint;
        await finished;
      });
      let second = false;
      const waiting = sql.transaction(newCall(), async () => (second = true));
      while (inside === undefined) await turn();
      assert.equal(inside, 7n, "the transaction sees its own change");
      assert.equal(await balanceOf(sql, 1), undefined, "a reader does not");
      assert.equal(second, false, "another transaction has not begun");
      finish();
      await Promise.all([first, waiting]);
      assert.equal(await balanceOf(sql, 1), 7n);
    }));
}
