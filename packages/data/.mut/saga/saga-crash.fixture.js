import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Code, RpcError, Runtime } from "@sampan/core";
import { openSqlite } from "../sql/sqlite/open-sqlite.js";
import { note } from "./saga.fixture.js";
import { defineSaga, step, waitFor } from "./saga.js";
import { sagaRunner } from "./saga-runner.js";
import { sagaSchema } from "./saga-schema.js";
/** What the saga does to the world outside its database: a line for each call, which survives the process. */
function outside(state, what, key) {
    appendFileSync(join(state.folder, "outside.log"), `${what} ${key}\n`);
}
function act(name, more = {}) {
    return step(name, {
        retry: { attempts: 20, initialMs: 1, maxMs: 2 },
        async run(state, _, { idempotencyKey }) {
            outside(state, "begin", idempotencyKey);
            await new Promise((resolve) => setImmediate(resolve));
            outside(state, "end", idempotencyKey);
            if (more.rejects === true && state.rejected)
                throw new RpcError(Code.FailedPrecondition, "rejected");
            return { commit: note(`${state.id} ${name}`) };
        },
        async compensate(state, _, { idempotencyKey }) {
            outside(state, "begin", idempotencyKey);
            outside(state, "end", idempotencyKey);
            return { commit: note(`${state.id} undo ${name}`) };
        },
    });
}
export const crashSaga = defineSaga({
    name: "place-order",
    steps: [
        act("reserve"),
        waitFor("payment", {
            until: () => Number.POSITIVE_INFINITY,
            on: { paid: (state) => ({ next: "continue", commit: note(`${state.id} paid`) }) },
        }),
        act("confirm", { rejects: true }),
    ],
    onCompleted: (state, tx) => note(`${state.id} completed`)(tx),
    onCompensated: (state, tx) => note(`${state.id} compensated`)(tx),
});
/** `node saga-crash.fixture.js <folder> <sagas> <rejected: all | none | some> [boundary to die at]`: runs sagas to their end. */
export async function runCrashProgram([folder = "", count = "1", rejected = "none", dieAt = ""]) {
    const notes = { id: "0001-note", up: ["create table note (id integer primary key, text text not null)"] };
    const sql = await openSqlite({ file: join(folder, "shop.db"), schemas: [{ name: "notes", migrations: [notes] }, sagaSchema] });
    const runtime = new Runtime({
        name: "shop",
        connect() {
            throw new Error("this program calls no services");
        },
    });
    const onBoundary = (point) => {
        if (point === dieAt)
            process.kill(process.pid, "SIGKILL");
    };
    const sagas = sagaRunner({ sql, runtime, sagas: [crashSaga], onBoundary });
    await sagas.start();
    console.log("started");
    const run = async (id, index) => {
        const call = runtime.root({ name: "test" });
        const state = { id, folder, rejected: rejected === "all" || (rejected === "some" && index % 3 === 0) };
        await sql.transaction(call, (tx) => sagas.begin(tx, crashSaga, { id, state }, call));
        await sagas.reached(id, call);
        await sagas.signal(undefined, { id, event: "paid", signalId: "payment" });
        await sagas.reached(id, call);
        call.settle();
    };
    await Promise.all(Array.from({ length: Number(count) }, (_, i) => run(`o${i}`, i)));
    await sagas.stop();
    await sql.close();
}
if (process.argv[1]?.endsWith("saga-crash.fixture.js"))
    await runCrashProgram(process.argv.slice(2));
//# sourceMappingURL=saga-crash.fixture.js.map