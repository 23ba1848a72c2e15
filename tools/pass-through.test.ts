import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { seededTree } from "./seeded-tree.fixture.js";

/** A wrapper around `script`, in a process group of its own, as a terminal would start it. */
function wrapped(
  t: TestContext,
  script: string,
): { child: ChildProcess; printed: () => string; ended: Promise<unknown[]> } {
  const module = new URL("./pass-through.mjs", import.meta.url).href;
  const root = seededTree(t, {
    "script.mjs": script,
    "wrapper.mjs": `import { passThrough } from ${JSON.stringify(module)};\nawait passThrough(process.execPath, ["script.mjs"]);\n`,
  });
  const child = spawn(process.execPath, ["wrapper.mjs"], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return { child, printed: () => output, ended: once(child, "close") };
}

const counting = `
let signals = 0;
process.on("SIGINT", () => console.log("SIGINT", ++signals));
process.on("SIGTERM", () => { console.log("SIGTERM"); setTimeout(() => process.exit(7), 50); });
setInterval(() => {}, 1000);
console.log("ready");
`;

test("the exit status of the child is the wrapper's", async (t) => {
  assert.deepEqual(await wrapped(t, "process.exit(3)").ended, [3, null]);
});

test("a child that a signal ended gives 128 and the signal's number", async (t) => {
  assert.deepEqual(await wrapped(t, 'process.kill(process.pid, "SIGKILL")').ended, [137, null]);
});

test("Ctrl-C that arrives from the terminal and again from npm reaches the child once, and its end is waited for", async (t) => {
  const { child, printed, ended } = wrapped(t, counting);
  const { stdout, pid } = child;
  assert.ok(stdout && pid);
  await once(stdout, "data");
  // To the whole group, as a terminal does, and to the wrapper alone, as npm does.
  process.kill(-pid, "SIGINT");
  child.kill("SIGINT");
  await once(stdout, "data");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [7, null]);
  assert.equal(printed(), "ready\nSIGINT 1\nSIGTERM\n");
});
