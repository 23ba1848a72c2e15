import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
/** Starts one; `wrapper` is a program that runs it, with its arguments, such as `strace -o file`. */
export function startWriter(args, wrapper = []) {
    const script = fileURLToPath(new URL("./writer-process.fixture.js", import.meta.url));
    const [program = process.execPath, ...rest] = [...wrapper, process.execPath, script, ...args];
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
    const lines = [];
    const waiting = new Set();
    let ended = false;
    const reader = createInterface({ input: child.stdout });
    reader.on("line", (line) => {
        lines.push(line);
        for (const look of waiting)
            look();
    });
    const closed = new Promise((resolve) => reader.on("close", () => {
        ended = true;
        for (const look of waiting)
            look();
        resolve();
    }));
    return {
        lines,
        get pid() {
            return Number(lines[0]?.slice("open ".length) ?? 0);
        },
        until: (test) => new Promise((resolve, reject) => {
            const look = () => {
                if (lines.some(test))
                    resolve();
                else if (ended)
                    reject(new Error(`the writer ended after ${lines.length} lines: ${lines.at(-1)}`));
                else
                    return;
                waiting.delete(look);
            };
            waiting.add(look);
            look();
        }),
        async kill() {
            // A tracer that is killed lets the traced process go on, so that one goes first.
            if (this.pid > 0 && !ended)
                process.kill(this.pid, "SIGKILL");
            else
                child.kill("SIGKILL");
            await closed;
        },
    };
}
//# sourceMappingURL=writer-child.fixture.js.map