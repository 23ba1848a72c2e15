import assert from "node:assert/strict";
import { it } from "node:test";
import { balanceOf, turn, withDatabase } from "./engine.js";
/** Accounts of the model, and what they hold together at every moment. */
const accounts = [0, 1, 2, 3];
const total = 400n;
/**
 * Random transfers between accounts, interleaved at random: some fail, some are aborted in the middle, some hang until they are.
 * Afterwards the database must hold exactly the transfers that were answered well, and every reader must always have seen the
 * same total.
 */
export function interleavingContract(engine) {
    for (let seed = 1; seed <= 12; seed++) {
        it(`keeps the books under random interleavings (seed ${seed})`, () => withDatabase(engine, async (sql, newCall) => {
            const random = randomFrom(seed);
            await sql.transaction(newCall(), async (tx) => {
                for (const id of accounts)
                    await tx.insertInto("account").values({ id, balance: 100, tag: null }).execute();
            });
            const expected = accounts.map(() => 100n);
            const running = [];
            for (let i = 0; i < 60; i++) {
                const transfer = {
                    from: random(accounts.length),
                    to: random(accounts.length),
                    amount: BigInt(random(40)),
                    pauses: random(3),
                    fate: ["commit", "commit", "commit", "throw", "abort", "hang"][random(6)] ?? "commit",
                };
                const call = newCall();
                const done = run(sql, call, transfer).then(() => {
                    expected[transfer.from] = (expected[transfer.from] ?? 0n) - transfer.amount;
                    expected[transfer.to] = (expected[transfer.to] ?? 0n) + transfer.amount;
                }, () => { });
                running.push(done);
                if (transfer.fate === "abort" || transfer.fate === "hang")
                    abortAfter(call, random(6));
                if (random(3) === 0)
                    await turn();
                if (random(4) === 0)
                    assert.equal(await totalOf(sql), total, "a reader sees whole transfers only");
            }
            await Promise.all(running);
            assert.deepEqual(await Promise.all(accounts.map((id) => balanceOf(sql, id))), expected);
        }));
    }
}
function run(sql, call, { from, to, amount, pauses, fate }) {
    return sql.transaction(call, async (tx) => {
        const change = (id, by) => tx
            .updateTable("account")
            .set((e) => ({ balance: e("balance", "+", by) }))
            .where("id", "=", id)
            .execute();
        // Fails by its check constraint when the account is too low.
        await change(from, -amount);
        for (let i = 0; i < pauses; i++)
            await turn();
        if (fate === "throw")
            throw new Error("thought better of it");
        if (fate === "hang")
            await new Promise(() => { });
        await change(to, amount);
    });
}
function abortAfter(call, turns) {
    if (turns === 0)
        call.abort();
    else
        setImmediate(() => abortAfter(call, turns - 1));
}
async function totalOf(sql) {
    const rows = await sql.read.selectFrom("account").select("balance").execute();
    return rows.reduce((sum, row) => sum + BigInt(row.balance), 0n);
}
/** mulberry32: small, seeded, and good enough to shuffle. The result draws an integer below its argument. */
function randomFrom(seed) {
    let state = seed * 0x9e3779b9;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % below;
    };
}
//# sourceMappingURL=interleavings.js.map