/** Runs one child in place of this process: its terminal, its signals, its exit status. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Ctrl-C reaches this process twice under npm: once from the terminal and once more from npm, which forwards what it got. The
 * second would tell the platform to stop without draining, so signals of one kind within this many milliseconds are one. npm
 * signals the shell it starts, not us, which is why the scripts in package.json begin with `exec`.
 */
const sameSignalWithin = 400;

/**
 * Never returns: ends this process the way the child ended. The child gets a process group of its own, so that the terminal does
 * not signal it behind our back, and each signal reaches it once.
 * @param {string} program @param {readonly string[]} args @returns {Promise<never>}
 */
export function passThrough(program, args) {
  return new Promise(() => {
    const child = spawn(program, args, { stdio: "inherit", detached: true });
    /** @type {Map<NodeJS.Signals, number>} */
    const lastAt = new Map();
    for (const signal of forwarded) {
      process.on(signal, () => {
        const now = performance.now();
        if (now - (lastAt.get(signal) ?? -Infinity) < sameSignalWithin) return;
        lastAt.set(signal, now);
        child.kill(signal);
      });
    }
    child.on("error", (error) => {
      console.error(`sampan: cannot start ${program}: ${error.message}`);
      process.exit(1);
    });
    child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}
