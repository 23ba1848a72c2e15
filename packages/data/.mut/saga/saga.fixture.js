import { Runtime } from "@sampan/core";
import { createFakeClock, settled } from "@sampan/testkit";
import { openSqlite } from "../sql/sqlite/open-sqlite.js";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import { sagaRunner } from "./saga-runner.js";
import { sagaSchema } from "./saga-schema.js";
export function note(text) {
    return async (tx) => {
        await tx.insertInto("note").values({ text }).execute();
    };
}
/** A service with a database, a started runner and a fake clock, for the time of one test. */
export async function withSagas(
// biome-ignore lint/suspicious/noExplicitAny: sagas of different states
sagas, test, options = {}) {
    const folder = temporaryFolder();
    const clock = createFakeClock();
    const logged = [];
    const log = (message, fields) => void logged.push({ message, fields });
    const logger = { debug: () => { }, info: () => { }, warn: log, error: log, child: () => logger };
    const runtime = new Runtime({
        name: "shop",
        clock,
        logger,
        connect() {
            throw new Error("this test calls no services");
        },
    });
    const schema = { name: "notes", migrations: [{ id: "0001-note", up: ["create table note (id integer primary key, text text not null)"] }] };
    const sql = await openSqlite({ file: folder.file("shop.db"), schemas: [schema, sagaSchema], clock, commits: "in-thread" });
    const another = (more = {}) => sagaRunner({ sql, runtime, clock, logger, sagas, random: () => 0.5, ...options, ...more });
    const runner = another();
    await runner.start();
    const origin = { tenant: "tea", releaseTag: "canary", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
    const newCall = (timeoutMs = 3_600_000) => runtime.root({ name: "test", timeoutMs, origin });
    const quiet = async () => {
        for (let i = 0; i < 20; i++)
            await settled();
    };
    const bench = {
        sql,
        clock,
        runtime,
        logged,
        sagas: runner,
        another,
        newCall,
        quiet,
        begin: (saga, id, state) => {
            const call = newCall();
            return sql.transaction(call, (tx) => runner.begin(tx, saga, { id, state }, call)).finally(() => call.settle());
        },
        async until(id, status) {
            for (let waited = 0; waited < 600_000; waited += 500) {
                await quiet();
                const snapshot = await runner.get(id);
                if (snapshot?.status === status)
                    return snapshot;
                await clock.advance(500);
            }
            throw new Error(`saga ${id} is ${(await runner.get(id))?.status}, not ${status}`);
        },
        notes: async () => (await sql.read.selectFrom("note").select("text").orderBy("id").execute()).map(({ text }) => text),
    };
    try {
        await test(bench);
    }
    finally {
        let stopped = false;
        const stopping = runner.stop(1000).finally(() => {
            stopped = true;
        });
        while (!stopped)
            await clock.advance(1000);
        await stopping;
        await sql.close();
        folder.remove();
    }
}
//# sourceMappingURL=saga.fixture.js.map