import assert from "node:assert/strict";
import { test } from "node:test";
import { completeLockfile, platformOf } from "../complete-lockfile.mjs";
import { seededTree } from "../seeded-tree.fixture.js";
import { lockfile } from "./lockfile.js";

const locked = {
  packages: {
    "": { name: "seeded", dependencies: { tool: "1.0.0" } },
    "packages/a": { name: "@sampan/a" },
    "node_modules/tool": {
      version: "1.0.0",
      dev: true,
      optionalDependencies: { "@tool/linux-x64-gnu": "1.0.0", "@tool/darwin-arm64": "1.0.0" },
    },
    "node_modules/@tool/linux-x64-gnu": { version: "1.0.0", optional: true },
  },
};

test("finds a package of another platform that npm left out, which completing the lockfile adds", async (t) => {
  const files = { "package.json": { name: "seeded", dependencies: { tool: "1.0.0" } }, "packages/a/package.json": {} };
  const [finding, ...others] = await lockfile.find(seededTree(t, { ...files, "package-lock.json": locked }));
  assert.equal(others.length, 0);
  assert.match(finding?.problem ?? "", /^lacks @tool\/darwin-arm64@1\.0\.0, which node_modules\/tool asks for/);

  const completed = completeLockfile(locked);
  assert.deepEqual(completed.packages["node_modules/@tool/darwin-arm64"], {
    version: "1.0.0",
    cpu: ["arm64"],
    dev: true,
    optional: true,
    os: ["darwin"],
  });
  assert.deepEqual(await lockfile.find(seededTree(t, { ...files, "package-lock.json": completed })), []);
});

test("finds a package.json that the lockfile does not know", async (t) => {
  const root = seededTree(t, {
    "package.json": { name: "seeded", dependencies: { tool: "1.0.0" } },
    "packages/a/package.json": { name: "@sampan/a", dependencies: { tool: "2.0.0" } },
    "package-lock.json": completeLockfile(locked),
  });
  assert.deepEqual(
    (await lockfile.find(root)).map(({ file, problem }) => `${file} ${problem}`),
    ["packages/a/package.json names other dependencies than package-lock.json has for it"],
  );
});

test("the platform is read from the name, and a name that does not say it is refused", () => {
  assert.deepEqual(platformOf("@tool/cli-linux-arm64-musl"), { os: ["linux"], cpu: ["arm64"], libc: ["musl"] });
  assert.deepEqual(platformOf("@tool/tool-linux-armv7"), { os: ["linux"], cpu: ["arm"], libc: [] });
  assert.deepEqual(platformOf("@tool/binding-win32-x64-msvc"), { os: ["win32"], cpu: ["x64"], libc: [] });
  const vague = { packages: { "node_modules/tool": { optionalDependencies: { "@tool/native": "1.0.0" } } } };
  assert.throws(() => completeLockfile(vague), /cannot tell the platform and version of @tool\/native@1\.0\.0/);
});
