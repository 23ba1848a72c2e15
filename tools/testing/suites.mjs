/** Finds the test files of the repository and decides how each one runs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Suite
 * @property {"unit" | "gate" | "system"} kind system suites start processes and engines, so they run alone
 * @property {string} name the source file from the root, or `gate:<name>`
 * @property {readonly string[]} nodeArgs what follows `node`
 * @property {readonly string[]} needs engines, from the line `// needs: …`
 * @property {number} timeLimitMs from the line `// limit: 90s`, or the kind's own
 */

/** Long enough for a slow machine; a suite that needs more says so in its `// limit:` line. */
const timeLimits = { unit: 60_000, gate: 300_000, system: 300_000 };

const skippedFolders = new Set(["node_modules", "dist"]);

/**
 * The suites of all *.test.ts files. Files under a package's src run as compiled code in dist; the others (tools, bench) run from
 * source with tsx. Sources are listed, never dist: a deleted test whose output is still there must not run.
 * @param {string} root @returns {Suite[]}
 */
export function findTestSuites(root) {
  return testFiles(root, "")
    .sort()
    .map((name) => {
      const header = readHeader(readFileSync(join(root, name), "utf8"));
      const kind = name.endsWith(".system.test.ts") ? "system" : "unit";
      return {
        kind,
        name,
        nodeArgs: runArgs(name),
        needs: header.needs,
        timeLimitMs: header.limitMs ?? timeLimits[kind],
      };
    });
}

/** @param {string} root @param {string} folder @returns {string[]} */
function testFiles(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory())
      return skippedFolders.has(entry.name) || entry.name.startsWith(".") ? [] : testFiles(root, path);
    return entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

/** @param {string} name */
function runArgs(name) {
  const compiled = name.match(/^((?:packages|services)\/[^/]+)\/src\/(.*)\.ts$/);
  const run = compiled ? [`${compiled[1]}/dist/${compiled[2]}.js`] : ["--import", "tsx", name];
  return ["--enable-source-maps", ...run];
}

/**
 * The settings in the comment lines at the top of a test file: `// needs: etcd, redis` and `// limit: 90s`.
 * @param {string} source
 */
function readHeader(source) {
  const top = source.split("\n", 20).filter((line) => line.startsWith("//"));
  const needs = top.flatMap((line) => line.match(/^\/\/ needs: (.+)$/)?.[1]?.split(/[\s,]+/) ?? []).filter(Boolean);
  const limit = top.map((line) => line.match(/^\/\/ limit: (\d+) ?s$/)?.[1]).find((value) => value !== undefined);
  return { needs, limitMs: limit === undefined ? undefined : Number(limit) * 1000 };
}

/** @param {readonly string[]} names @returns {Suite[]} */
export function gateSuites(names) {
  return names.map((name) => ({
    kind: "gate",
    name: `gate:${name}`,
    nodeArgs: ["--import", "tsx", "tools/gates/main.ts", name],
    needs: [],
    timeLimitMs: timeLimits.gate,
  }));
}

/** @param {readonly Suite[]} suites @param {readonly string[]} only */
export function selectSuites(suites, only) {
  return only.length === 0 ? [...suites] : suites.filter((suite) => only.some((text) => suite.name.includes(text)));
}
