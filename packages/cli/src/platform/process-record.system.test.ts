import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openDataFolder } from "./data-folder.js";
import { endLeftBehind, startOf, writeProcessRecord } from "./process-record.js";

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-record-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A process that does nothing, for as long as it is let. */
async function idler(t: TestContext): Promise<{ readonly pid: number; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  t.after(() => child.kill("SIGKILL"));
  return { pid: child.pid as number, child };
}

test("processes that are left are ended, their sockets and the record are gone", async (t) => {
  const folder = temporary(t);
  const sockets = mkdtempSync(join(tmpdir(), "sampan-run-"));
  const { pid, child } = await idler(t);
  const exited = once(child, "exit");
  writeProcessRecord(folder, { processes: [{ pid, startedAt: startOf(pid) as string }], sockets });
  assert.equal(endLeftBehind(folder, 0), 1);
  assert.equal(startOf(pid), undefined);
  assert.equal((await exited)[1], "SIGKILL");
  assert.ok(!existsSync(sockets) && !existsSync(join(folder, "processes.json")));
  assert.equal(endLeftBehind(folder, 0), 0);
});

test("a process that got the number of one that ended is left alone, and so is a folder that is not for sockets", async (t) => {
  const folder = temporary(t);
  const { pid } = await idler(t);
  const mine = join(folder, "mine");
  mkdirSync(mine);
  writeProcessRecord(folder, { processes: [{ pid, startedAt: "1" }], sockets: mine });
  assert.equal(endLeftBehind(folder, 0), 0);
  assert.notEqual(startOf(pid), undefined);
  assert.ok(existsSync(mine));
});

test("a record that is broken, or names what is no process, is passed over", (t) => {
  const folder = temporary(t);
  for (const text of ["", "{", "[]", '{"processes": [{"pid": 1, "startedAt": "1"}, {"pid": -5}], "sockets": "/"}']) {
    writeFileSync(join(folder, "processes.json"), text);
    assert.equal(endLeftBehind(folder, 0), 0);
  }
});

test("opening a data folder ends what was left on it, before anything is deleted", async (t) => {
  const folder = join(temporary(t), "data");
  openDataFolder(folder).release();
  const { pid } = await idler(t);
  writeProcessRecord(folder, { processes: [{ pid, startedAt: startOf(pid) as string }], sockets: "" });
  openDataFolder(folder, { fresh: true }).release();
  assert.equal(startOf(pid), undefined);
});
