import assert from "node:assert/strict";
import { test } from "node:test";
import { build, installReason, requireNode } from "./bootstrap.mjs";
import { seededTree } from "./seeded-tree.fixture.js";

const wanted = {
  "": { name: "seeded" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/@scope/own": { resolved: "packages/own", link: true },
  "packages/own": { name: "@scope/own" },
  "node_modules/other-platform": { version: "1.0.0", integrity: "sha512-o", optional: true },
};
const installed = {
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/@scope/own": { resolved: "packages/own", link: true },
};

test("installs when nothing is there, when a package is missing and when the lockfile names another version", (t) => {
  const reason = (list?: object): string | undefined =>
    installReason(
      seededTree(t, {
        "package-lock.json": { packages: wanted },
        ...(list ? { "node_modules/.package-lock.json": { packages: list } } : {}),
      }),
    );
  assert.equal(reason(installed), undefined);
  assert.equal(reason(), "nothing is installed yet");
  assert.equal(reason({ ...installed, "node_modules/a": undefined }), "node_modules/a is missing");
  const older = { ...installed, "node_modules/a": { version: "0.9.0", integrity: "sha512-z" } };
  assert.equal(reason(older), "node_modules/a is not the version in package-lock.json");
});

test("an older Node is refused with what to do", () => {
  assert.throws(() => requireNode("20.18.3"), /Node 20\.18\.3 is too old: Sampan needs 20\.19 or later/);
  requireNode("20.19.0");
  requireNode("22.0.0");
});

test("a build that cannot start is a failure with a reason, not an exception", async (t) => {
  const { ok, output } = await build(() => {}, seededTree(t, {}));
  assert.equal(ok, false);
  assert.match(output, /Cannot find module/);
});
