import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkConfiguration } from "../wechat/configuration.js";
import { loadOrCreateStandinKeys, standinConfiguration } from "./index.js";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "standin-keys-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("keys are made once, for the owner's eyes, and load again", async (t) => {
  const path = join(await folder(t), "pay", "keys");
  const made = await loadOrCreateStandinKeys(path);
  assert.deepEqual(await loadOrCreateStandinKeys(path), made);
  assert.deepEqual(await readdir(path), ["standin-keys.json"]);
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  assert.equal((await stat(join(path, "standin-keys.json"))).mode & 0o777, 0o600);
});

test("two that start at once end up with the same keys", async (t) => {
  const path = await folder(t);
  const [first, second] = await Promise.all([loadOrCreateStandinKeys(path), loadOrCreateStandinKeys(path)]);
  assert.deepEqual(first, second);
});

test("a file that holds no keys is not replaced", async (t) => {
  const path = await folder(t);
  await writeFile(join(path, "standin-keys.json"), "{}");
  await assert.rejects(loadOrCreateStandinKeys(path), /does not hold the keys/);
});

test("the keys make a configuration that the provider accepts", async (t) => {
  const keys = await loadOrCreateStandinKeys(await folder(t));
  const configuration = standinConfiguration(keys, "http://127.0.0.1:4100");
  assert.match(keys.appId, /^wx[0-9a-f]{16}$/);
  assert.match(keys.merchantId, /^[0-9]{10}$/);
  assert.match(keys.merchantSerial, /^[0-9A-F]{40}$/);
  assert.equal(keys.apiV3Key.length, 32);
  assert.equal(checkConfiguration(configuration)?.platformKeys.size, 2);
});
