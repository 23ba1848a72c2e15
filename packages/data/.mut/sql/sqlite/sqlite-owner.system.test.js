import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SqlErrors } from "../errors.js";
import { openSqlite } from "./open-sqlite.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";
import { startWriter } from "./writer-child.fixture.js";
import { pairSchema } from "./writer-process.fixture.js";
const open = (file) => openSqlite({ file, schemas: [pairSchema] });
describe("a database file and the processes that want it", () => {
    it("is refused to a second process, with the number of the first, until that one is killed", async () => {
        const folder = temporaryFolder();
        const file = folder.file("owned.db");
        const owner = startWriter([file, "1"]);
        try {
            await owner.until((line) => line === "end");
            await assert.rejects(open(file), (error) => {
                return SqlErrors.FILE_IN_USE.is(error) && error.message.includes(`process ${owner.pid},`);
            });
            await owner.kill();
            const sql = await open(file);
            assert.equal((await sql.read.selectFrom("pair").selectAll().execute()).length, 2);
            await sql.close();
        }
        finally {
            await owner.kill();
            folder.remove();
        }
    });
    for (const kills of [1, 40, 150, 300]) {
        it(`keeps every answered transaction, and no half of one, when its owner is killed after ${kills} answers`, async () => {
            const folder = temporaryFolder();
            const file = folder.file("killed.db");
            const writer = startWriter([file, "1000000", "16"]);
            try {
                await writer.until(() => writer.lines.length > kills);
                await writer.kill();
                const answered = writer.lines.filter((line) => line.startsWith("done ")).map((line) => BigInt(line.slice(5)));
                const sql = await open(file);
                const rows = await sql.read.selectFrom("pair").selectAll().execute();
                await sql.close();
                const sides = new Map();
                for (const { n } of rows)
                    sides.set(n, (sides.get(n) ?? 0) + 1);
                assert.ok(answered.length >= kills);
                for (const n of answered)
                    assert.equal(sides.get(n), 2, `transaction ${n} was answered`);
                for (const [n, count] of sides)
                    assert.equal(count, 2, `transaction ${n} is whole`);
            }
            finally {
                await writer.kill();
                folder.remove();
            }
        });
    }
});
//# sourceMappingURL=sqlite-owner.system.test.js.map