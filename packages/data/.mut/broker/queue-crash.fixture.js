import { openQueue } from "./queue.js";
/** `node queue-crash.fixture.js <file>`: publishes three messages of one key, and dies while the second is in work. */
async function runCrashProgram(file) {
    const queue = await openQueue({ file });
    await queue.subscribe({
        topic: "orders",
        group: "mail",
        async handle({ id }) {
            if (id === "m2")
                process.kill(process.pid, "SIGKILL");
        },
    });
    const payload = new Uint8Array();
    await queue.publish(["m1", "m2", "m3"].map((id) => ({ topic: "orders", key: "k", id, payload, headers: {} })));
}
if (process.argv[1]?.endsWith("queue-crash.fixture.js"))
    await runCrashProgram(process.argv[2] ?? "");
//# sourceMappingURL=queue-crash.fixture.js.map