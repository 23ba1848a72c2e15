import { createFakeClock } from "@sampan/testkit";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import { openQueue } from "./queue.js";
export async function openTestQueue(options = {}) {
    const folder = temporaryFolder();
    const clock = createFakeClock();
    const logged = [];
    const note = (message, fields) => void logged.push({ message, fields });
    const logger = { debug: () => { }, info: () => { }, warn: note, error: note, child: () => logger };
    const open = () => openQueue({ file: folder.file("queue.db"), clock, logger, commits: "in-thread", random: () => 0.5, ...options });
    let queue = await open();
    const closeNow = async () => {
        // Closing waits for handlers, and they for the fake clock.
        let closed = false;
        const closing = queue.close().finally(() => {
            closed = true;
        });
        while (!closed)
            await clock.advance(1000);
        await closing;
    };
    return {
        queue,
        broker: queue,
        clock,
        logged,
        passTime: (ms) => clock.advance(ms),
        async reopen() {
            await closeNow();
            queue = await open();
            return queue;
        },
        async dispose() {
            await closeNow();
            folder.remove();
        },
    };
}
//# sourceMappingURL=queue.fixture.js.map