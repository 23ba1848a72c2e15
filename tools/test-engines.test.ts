import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededTree } from "./seeded-tree.fixture.js";
import { isInstalled, missingEngine } from "./test-engines.mjs";

const absent = { name: "absent", program: "sampan-no-such-program", packages: ["absent-server"] };
const present = { name: "present", program: process.execPath, packages: ["nodejs"] };

test("a missing engine gives the reason and the way to get it", () => {
  assert.equal(missingEngine(["present"], [present, absent]), undefined);
  assert.equal(
    missingEngine(["present", "absent"], [present, absent]),
    "needs absent: sampan-no-such-program is not installed; npm test -- --install gets absent-server",
  );
});

test("an engine without a package is installed by hand", () => {
  assert.equal(
    missingEngine(["absent"], [{ ...absent, packages: [] }]),
    "needs absent: sampan-no-such-program is not installed; no package brings it: install it by hand",
  );
});

test("a name that is not in the list is a mistake of the suite", () => {
  assert.throws(() => missingEngine(["etdc"], [absent]), /no engine is called "etdc"/);
});

test("a program is found in PATH when it can be executed", (t) => {
  const folder = seededTree(t, { "sampan-no-such-program": "#!/bin/sh\n" });
  assert.equal(isInstalled(absent, folder), false);
  chmodSync(join(folder, absent.program), 0o755);
  assert.equal(isInstalled(absent, folder), true);
});
