import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, CoreErrors, type RpcError } from "@sampan/core";
import { addAccount, balanceOf, type SqlEngine, turn, withDatabase } from "./engine.js";

const never = new Promise<never>(() => {});

/** A transaction belongs to a call, and ends with it. */
export function callContract(engine: SqlEngine): void {
  it("holds its call while it is open, so that the call refuses calls to other services", () =>
    withDatabase(engine, async (sql, newCall) => {
      const call = newCall();
      let holder: string | undefined;
      await sql.transaction(call, async () => {
        holder = call.holder;
      });
      assert.match(holder ?? "", /^a transaction of /);
      assert.equal(call.holder, undefined);
      await assert.rejects(sql.transaction(call, () => Promise.reject(new Error("no"))));
      assert.equal(call.holder, undefined, "also after a failure");
    }));

  it("stops at the deadline: rolls back, refuses statements, and lets the next one run", () =>
    withDatabase(engine, async (sql, newCall) => {
      const call = newCall();
      let late: (() => Promise<unknown>) | undefined;
      const hanging = sql.transaction(call, async (tx) => {
        await tx.insertInto("account").values({ id: 1, balance: 0, tag: null }).execute();
        late = () => tx.insertInto("account").values({ id: 2, balance: 0, tag: null }).execute();
        await never;
      });
      const next = addAccount(sql, 3, 9n);
      while (late === undefined) await turn();
      call.expire();
      // In the same turn, before the queue has noticed anything.
      const refused = assert.rejects(late(), (error: RpcError) => error.code === Code.DeadlineExceeded);
      await assert.rejects(hanging, CoreErrors.DEADLINE_EXCEEDED.is);
      await refused;
      await next;
      assert.equal(await balanceOf(sql, 1), undefined);
      assert.equal(await balanceOf(sql, 2), undefined);
      assert.equal(await balanceOf(sql, 3), 9n);
    }));

  it("commits those before and after one that is stopped while they wait together", () =>
    withDatabase(engine, async (sql, newCall) => {
      const stuck = newCall();
      let open = false;
      const before = addAccount(sql, 1, 1n);
      const hanging = sql.transaction(stuck, async (tx) => {
        await tx.insertInto("account").values({ id: 2, balance: 0, tag: null }).execute();
        open = true;
        await never;
      });
      const after = addAccount(sql, 3, 3n);
      while (!open) await turn();
      stuck.abort();
      await assert.rejects(hanging, CoreErrors.CANCELLED.is);
      await Promise.all([before, after]);
      assert.deepEqual(await Promise.all([1, 2, 3].map((id) => balanceOf(sql, id))), [1n, undefined, 3n]);
    }));

  it("never runs one whose call was aborted while it waited, and says so at once", () =>
    withDatabase(engine, async (sql, newCall) => {
      let finish = (): void => {};
      const finished = new Promise<void>((resolve) => (finish = resolve));
      const first = sql.transaction(newCall(), () => finished);
      const call = newCall();
      let ran = false;
      const waiting = sql.transaction(call, async () => (ran = true));
      call.abort();
      await assert.rejects(waiting, CoreErrors.CANCELLED.is);
      finish();
      await first;
      await turn();
      assert.equal(ran, false);
    }));

  it("refuses a call that has settled, and ends with a call that settles well", () =>
    withDatabase(engine, async (sql, newCall) => {
      const settled = newCall();
      settled.settle();
      await assert.rejects(
        sql.transaction(settled, async () => {}),
        CoreErrors.CANCELLED.is,
      );
      const leaving = newCall();
      let open = false;
      const forgotten = sql.transaction(leaving, async () => {
        open = true;
        await never;
      });
      while (!open) await turn();
      leaving.settle();
      await assert.rejects(forgotten, CoreErrors.CANCELLED.is);
    }));

  it("commits when the call is aborted after the work has resolved", () =>
    withDatabase(engine, async (sql, newCall) => {
      const call = newCall();
      const started = sql.transaction(call, async (tx) => {
        await tx.insertInto("account").values({ id: 1, balance: 4, tag: null }).execute();
        // Runs after the promise of this function has resolved, and before any commit can have come back.
        setImmediate(() => call.abort());
        return "kept";
      });
      // Either answer must agree with the database.
      const outcome = await started.then(
        () => 4n,
        () => undefined,
      );
      assert.equal(await balanceOf(sql, 1), outcome);
    }));
}
