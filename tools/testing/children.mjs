/** Child processes of the test run: each in a process group of its own, so that whatever it started ends with it. */
import { spawn } from "node:child_process";

/** How long a group may take to clean up after SIGTERM before it is killed. */
const graceMs = 3_000;

/** How much of a child's output is kept: the end, where the reason of a failure stands. */
const keptOutput = 64 * 1024;

/** @type {Set<import("node:child_process").ChildProcess>} */
const live = new Set();

/**
 * @typedef {object} ChildResult
 * @property {number | null} status null when a signal ended it
 * @property {NodeJS.Signals | null} signal
 * @property {string} output both streams as they came, without the beginning when there is much
 * @property {boolean} timedOut
 */

/**
 * @param {readonly string[]} nodeArgs @param {{ cwd: string, env: NodeJS.ProcessEnv, timeLimitMs: number }} options
 * @returns {Promise<ChildResult>}
 */
export function runNode(nodeArgs, { cwd, env, timeLimitMs }) {
  return new Promise((settle) => {
    const child = spawn(process.execPath, nodeArgs, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    live.add(child);
    let output = "";
    let timedOut = false;
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk).slice(-keptOutput);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const timer = setTimeout(() => {
      timedOut = true;
      void stop(child);
    }, timeLimitMs);
    // A process that the test left behind is ended here; one in a group of its own escapes that and would hold the pipes open
    // for ever, so `close` is waited for, but not long.
    child.on("exit", (status, signal) => {
      clearTimeout(timer);
      live.delete(child);
      signalGroup(child, "SIGKILL");
      const finish = () => {
        clearTimeout(late);
        child.stdout.destroy();
        child.stderr.destroy();
        settle({ status, signal, output, timedOut });
      };
      const late = setTimeout(finish, 500);
      child.once("close", finish);
    });
  });
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<void>} */
function stop(child) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    const kill = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
    child.once("exit", () => {
      clearTimeout(kill);
      done();
    });
    signalGroup(child, "SIGTERM");
  });
}

/** Ends every child that still runs, with its group; resolves when all are gone. */
export async function stopAll() {
  await Promise.all([...live].map(stop));
}
