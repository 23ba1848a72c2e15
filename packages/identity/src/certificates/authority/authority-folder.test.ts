import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import { orderId } from "../authority.fixture.js";
import { CertificateErrors } from "../certificate-errors.js";
import { createAuthority, openAuthority } from "./authority.js";
import { authorityFolder } from "./authority-folder.js";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-authority-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "authority");
}
const newest = (folder: string): string => join(folder, readdirSync(folder).sort().at(-1) as string);
const bad = (error: unknown): boolean => CertificateErrors.AUTHORITY_FOLDER.is(error);

test("an authority is as it was when it is opened again; keys are for the owner only", async (t) => {
  const folder = folderOf(t);
  const clock = createFakeClock();
  const made = await createAuthority("shop.test", { store: authorityFolder(folder), clock });
  await made.revokeId(orderId);
  made.close();
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  const again = await openAuthority({ store: authorityFolder(folder), clock });
  t.after(() => again.close());
  assert.deepEqual(again.state, made.state);
  await assert.rejects(createAuthority("shop.test", { store: authorityFolder(folder), clock }), bad);
});

test("of several that change it at once each change is kept, and old revisions go", async (t) => {
  const folder = folderOf(t);
  const clock = createFakeClock();
  const all = [await createAuthority("shop.test", { store: authorityFolder(folder), clock })];
  for (let i = 0; i < 3; i++) all.push(await openAuthority({ store: authorityFolder(folder), clock }));
  t.after(() => {
    for (const each of all) each.close();
  });
  await Promise.all(all.flatMap((each, i) => [0, 1, 2].map((j) => each.revokeSerial(`${i + 1}${j}`))));
  const kept = await authorityFolder(folder).load();
  assert.equal(kept?.revokedSerials.length, 12);
  assert.ok(readdirSync(folder).length <= 6);
});

test("a folder that others can read, or that is damaged, is not used, and no key is quoted", async (t) => {
  const folder = folderOf(t);
  const clock = createFakeClock();
  (await createAuthority("shop.test", { store: authorityFolder(folder), clock })).close();
  const path = newest(folder);
  const open = () => openAuthority({ store: authorityFolder(folder), clock });
  chmodSync(path, 0o640);
  await assert.rejects(open(), /can be read by others/);
  chmodSync(path, 0o600);
  const text = readFileSync(path, "utf8");
  const { key } = (JSON.parse(text) as { roots: [{ key: string }] }).roots[0];
  for (const damaged of [
    text.slice(0, 200),
    "{}",
    "[]",
    text.replace(key, key.slice(8)),
    text.replace('"format": 1', '"format": 2'),
    text.replace('"blocked"', '"x"').replace('"revision": 1', '"revision": 7'),
  ]) {
    writeFileSync(path, damaged);
    await assert.rejects(
      open(),
      (error: Error) => bad(error) && /damaged/.test(error.message) && !error.message.includes(key.slice(8, 20)),
    );
  }
});

test("a folder that is not there holds no authority", async (t) => {
  await assert.rejects(openAuthority({ store: authorityFolder(folderOf(t)), clock: createFakeClock() }), bad);
});
