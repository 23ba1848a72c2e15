import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CommandError } from "../command/command-error.js";
import { readAddresses, removeAddresses, writeAddresses } from "./addresses-file.js";

const addresses = { url: "http://127.0.0.1:1", standinUrl: "", adminUrl: "", grpc: { "a.B": "unix:/x" } };

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-addresses-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const nobody = (error: unknown): boolean => error instanceof CommandError && /no platform runs on/.test(error.message);

test("what was written is read while the process lives, by its owner only", (t) => {
  const folder = temporary(t);
  assert.throws(() => readAddresses(folder), nobody);
  writeAddresses(folder, addresses);
  assert.deepEqual(readAddresses(folder), { pid: process.pid, ...addresses });
  assert.equal(statSync(join(folder, "addresses.json")).mode & 0o777, 0o600);
  const mtls = { trustDomain: "shop.test", namespace: "shop" };
  writeAddresses(folder, { ...addresses, mtls });
  assert.deepEqual(readAddresses(folder).mtls, mtls);
  removeAddresses(folder);
  removeAddresses(folder);
  assert.throws(() => readAddresses(folder), nobody);
});

test("the file of a process that is gone, or one that is broken, says nothing", (t) => {
  const folder = temporary(t);
  const whole = { pid: process.pid, ...addresses };
  const gone = 2 ** 22 + 1;
  for (const content of [
    { ...whole, pid: gone },
    { ...whole, pid: "1" },
    { ...whole, url: 1 },
    { ...whole, grpc: { a: 1 } },
    { ...whole, mtls: { trustDomain: "shop.test" } },
  ]) {
    writeFileSync(join(folder, "addresses.json"), JSON.stringify(content));
    assert.throws(() => readAddresses(folder), nobody, JSON.stringify(content));
  }
  writeFileSync(join(folder, "addresses.json"), "{");
  assert.throws(() => readAddresses(folder), nobody);
});
