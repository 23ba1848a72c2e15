import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createOnce } from "./durable-file.js";

describe("a file that is made once", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sampan-once-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("stays what the first made it, and leaves nothing else behind", async () => {
    const path = join(folder, "file");
    await createOnce(path, "first");
    await createOnce(path, "second");
    assert.equal(await readFile(path, "utf8"), "first");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["file"]);
  });

  it("is not made where it cannot be", async () => {
    await assert.rejects(createOnce(join(folder, "none", "file"), "x"), { code: "ENOENT" });
  });
});
