import { Runtime } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { openSqlite } from "../sql/sqlite/open-sqlite.js";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import { inboxSchema } from "./inbox.js";
import { outboxSchema } from "./outbox.js";
import { scriptedBroker } from "./broker.fixture.js";
/** A service with a database, a scripted broker and a fake clock, for the time of one test. */
export async function withService(test) {
    const folder = temporaryFolder();
    const clock = createFakeClock();
    const logged = [];
    const note = (message, fields) => void logged.push({ message, fields });
    const logger = { debug: () => { }, info: () => { }, warn: note, error: note, child: () => logger };
    const runtime = new Runtime({
        name: "notes",
        clock,
        logger,
        connect() {
            throw new Error("this test calls no services");
        },
    });
    const notes = { id: "0001-note", up: ["create table note (id bigint primary key, text varchar(100) not null)"] };
    const sql = await openSqlite({
        file: folder.file("notes.db"),
        schemas: [{ name: "notes", migrations: [notes] }, outboxSchema, inboxSchema],
        clock,
        commits: "in-thread",
    });
    const newCall = () => runtime.root({
        name: "test",
        origin: { tenant: "tea", releaseTag: "canary", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` },
    });
    try {
        await test({ sql, broker: scriptedBroker(), runtime, clock, logged, newCall });
    }
    finally {
        await sql.close();
        folder.remove();
    }
}
//# sourceMappingURL=service.fixture.js.map