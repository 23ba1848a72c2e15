import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const url = new URL("./entry.fixture.js", import.meta.url);
const file = fileURLToPath(url);

function printed(args: readonly string[], input = ""): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", input });
  assert.equal(status, 0, stderr);
  return stdout;
}

test("the file that the process was started with is the entry, also through a link", (t) => {
  assert.equal(printed([file]), "entry");
  const folder = mkdtempSync(join(tmpdir(), "sampan-entry-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const link = join(folder, "link.js");
  symlinkSync(file, link);
  assert.equal(printed([link]), "entry");
  // What it imports is not found beside the link then, so only the link itself is preserved.
  assert.equal(printed(["--preserve-symlinks", file]), "entry");
});

test("a module that is imported is not, however the process was started", () => {
  const imports = `await import(${JSON.stringify(url.href)})`;
  assert.equal(printed(["--input-type=module", "-e", imports]), "imported");
  assert.equal(printed(["--input-type=module", "-"], imports), "imported");
  assert.equal(printed(["--input-type=module", "-e", imports, "no-such-file"]), "imported");
});
