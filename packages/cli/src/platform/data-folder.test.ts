import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { SqlErrors } from "@sampan/data";
import { CommandError } from "../command/command-error.js";
import { folderProblem, openDataFolder } from "./data-folder.js";

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-folder-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const refused =
  (message: RegExp, fix = /another folder with --data/) =>
  (error: unknown) => {
    assert.ok(error instanceof CommandError, String(error));
    assert.match(error.message, message);
    assert.match(error.fix, fix);
    return true;
  };

test("a folder is made, for its owner only, with a key that only its owner reads", (t) => {
  const path = join(temporary(t), "deep", "data");
  const first = openDataFolder(path);
  assert.deepEqual([first.path, first.isNew, first.kept], [path, true, []]);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(join(path, "operator-key")).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(path, "operator-key"), "utf8"), `${first.operatorKey}\n`);
  assert.ok(first.operatorKey.length >= 32);
  first.release();
  first.release();
  const second = openDataFolder(path);
  assert.deepEqual([second.operatorKey, second.isNew], [first.operatorKey, false]);
  second.release();
});

test("a folder that is held is refused, with the process that has it", (t) => {
  const path = temporary(t);
  const held = openDataFolder(path);
  assert.throws(
    () => openDataFolder(path),
    refused(new RegExp(`is in use by process ${process.pid}, since `), /stop that/),
  );
  assert.throws(() => openDataFolder(path, { fresh: true }), refused(/is in use/, /stop that/));
  held.release();
  openDataFolder(path).release();
});

test("a folder with other files is refused, also for --fresh, and left alone", (t) => {
  const path = temporary(t);
  for (const name of ["a.txt", "b.txt", "c.txt", "order.db", "d.txt"]) writeFileSync(join(path, name), "mine");
  for (const fresh of [false, true]) {
    assert.throws(() => openDataFolder(path, { fresh }), refused(/not Sampan's: a\.txt, b\.txt, c\.txt, … \(4\)/));
  }
  assert.deepEqual(readdirSync(path).sort(), ["a.txt", "b.txt", "c.txt", "d.txt", "order.db"]);
});

test("what file systems leave in an empty volume is nobody's", (t) => {
  const path = temporary(t);
  mkdirSync(join(path, "lost+found"));
  const opened = openDataFolder(path, { fresh: true });
  assert.deepEqual([opened.isNew, opened.kept], [true, []]);
  assert.ok(readdirSync(path).includes("lost+found"));
  opened.release();
});

test("fresh deletes what Sampan made, and nothing else", (t) => {
  const path = temporary(t);
  const first = openDataFolder(path);
  first.release();
  const own = [
    "order.db",
    "order.db-wal",
    "order.db-shm",
    "order.db-lock",
    "queue.db",
    "tokens/token-keys.json",
    "tokens/token-keys.json.0a1b",
    "standin/journal.jsonl",
    "standin/standin-keys.json",
    "authority/authority-0000000007.json",
    "audit/order/audit-000000000000001.jsonl",
    "audit/order/audit.lock",
    "audit/inventory-2/audit-000000000000001.jsonl",
  ];
  const others = [
    "notes.txt",
    "backup.db",
    "order.db.bak",
    "order.sql",
    "standin/mine.txt",
    "audit/order/notes.txt",
    "folder/x",
  ];
  for (const folder of ["tokens", "standin", "authority", "audit/order", "audit/inventory-2", "folder"])
    mkdirSync(join(path, folder), { recursive: true });
  for (const name of [...own, ...others]) writeFileSync(join(path, name), name);
  const outside = join(temporary(t), "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "token-keys.json"), "theirs");

  const fresh = openDataFolder(path, { fresh: true });
  assert.equal(fresh.isNew, true);
  assert.notEqual(fresh.operatorKey, first.operatorKey);
  assert.deepEqual([...fresh.kept].sort(), [
    "audit/order/notes.txt",
    "backup.db",
    "folder",
    "notes.txt",
    "order.db.bak",
    "order.sql",
    "standin/mine.txt",
  ]);
  assert.deepEqual(readdirSync(join(path, "audit")), ["order"]);
  assert.deepEqual(readdirSync(path).sort(), [
    "audit",
    "backup.db",
    "folder",
    "notes.txt",
    "operator-key",
    "order.db.bak",
    "order.sql",
    "sampan-lock",
    "sampan-owner",
    "standin",
  ]);
  fresh.release();

  // A folder that is a link leads to files that Sampan did not make.
  symlinkSync(outside, join(path, "tokens"));
  openDataFolder(path, { fresh: true }).release();
  assert.equal(readFileSync(join(outside, "token-keys.json"), "utf8"), "theirs");
});

test("a path that is a file, or leads through one, is refused", (t) => {
  const file = join(temporary(t), "file");
  writeFileSync(file, "");
  assert.throws(() => openDataFolder(file), refused(/cannot be used: it, or something above it, is a file/));
  assert.throws(
    () => openDataFolder(join(file, "below")),
    refused(/cannot be used: it, or something above it, is a file/),
  );
  assert.throws(() => openDataFolder(join(file, "..", "x".repeat(300))), refused(/the name is too long/));
});

test("a key file that is empty is made again, and one that cannot be read does not keep the folder", (t) => {
  const path = temporary(t);
  openDataFolder(path).release();
  writeFileSync(join(path, "operator-key"), "");
  const opened = openDataFolder(path);
  assert.ok(opened.operatorKey.length >= 32);
  opened.release();
  rmSync(join(path, "operator-key"));
  mkdirSync(join(path, "operator-key"));
  assert.throws(() => openDataFolder(path));
  rmSync(join(path, "operator-key"), { recursive: true });
  openDataFolder(path).release();
});

test("a folder that cannot be written says why; other errors stay what they are", () => {
  const failed = (code: string) => folderProblem("data", Object.assign(new Error("x"), { code }));
  for (const [code, why] of [
    ["EACCES", /permission denied/],
    ["EROFS", /the file system is read-only/],
    ["ENOSPC", /the disk is full/],
  ] as const) {
    refused(why, /put that right, or name another folder with --data/)(failed(code));
  }
  refused(/its lock cannot be written/, /put that right/)(folderProblem("data", SqlErrors.SQL_IO({ file: "x" })));
  const bug = new TypeError("bug");
  assert.equal(folderProblem("data", bug), bug);
});
