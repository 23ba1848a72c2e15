import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadOrCreateSecret } from "./secret-file.js";

describe("a secret in a file", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sampan-secret-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("is made once, for its owner only", async () => {
    const path = join(folder, "deep", "secret");
    const all = await Promise.all([1, 2, 3].map(() => loadOrCreateSecret(path)));
    for (const each of all) assert.deepEqual(each, await loadOrCreateSecret(path));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal(all[0]?.length, 32);
  });

  it("is refused when others can read it, and when it is damaged", async () => {
    const path = join(folder, "other");
    await loadOrCreateSecret(path);
    await chmod(path, 0o644);
    await assert.rejects(loadOrCreateSecret(path), /can be read by others/);
    await chmod(path, 0o600);
    await writeFile(path, "short");
    await assert.rejects(loadOrCreateSecret(path), /damaged/);
  });
});
