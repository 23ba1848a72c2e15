import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CommandError } from "../command/command-error.js";
import { openTarget } from "./target.js";

const url = "http://127.0.0.1:8080";
const standin = "http://127.0.0.1:8081";

test("a platform that runs is named with its addresses and its folder, or the key itself", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "sampan-target-"));
  t.after(() => rmSync(data, { recursive: true }));
  writeFileSync(join(data, "operator-key"), "secret\n");
  const target = await openTarget({ url, standin, data });
  assert.deepEqual([target.url, target.standinUrl, target.adminUrl, target.operatorKey], [url, standin, "", "secret"]);
  await target.close();
  const other = await openTarget({ url, standin, admin: "http://127.0.0.1:9", "operator-key": "other" });
  assert.deepEqual([other.operatorKey, other.adminUrl], ["other", "http://127.0.0.1:9"]);
});

test("what is missing is asked for", async () => {
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof CommandError && error.status === 2 && message.test(error.message);
  await assert.rejects(openTarget({ url }), refused(/--url needs --standin too/));
  await assert.rejects(openTarget({ url, standin, mtls: true }), refused(/--mtls is for a platform of its own/));
  await assert.rejects(openTarget({ "certificate-life": "8s" }), refused(/--certificate-life is for certificates/));
  for (const life of ["3s", "13h", "soon"])
    await assert.rejects(
      openTarget({ mtls: true, "certificate-life": life }),
      refused(/is no duration from 4s to 12h/),
    );
  await assert.rejects(openTarget({ url, standin, data: "no-such-folder" }), refused(/there is no operator key in/));
});
