/**
 * Makes a checkout runnable: the right Node, installed dependencies, compiled code. `npm run up` and `npm test` start here
 * on a fresh clone, so this file and what it imports use nothing but Node itself.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository this file stands in, as an absolute path without a slash at its end. */
export const repositoryRoot = resolve(fileURLToPath(new URL("..", import.meta.url)));

/** The oldest Node that runs everything; the same number stands in `engines` of package.json. */
const oldestNode = [20, 19];

/** @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean }} LockEntry */
/** @typedef {{ ok: boolean, output: string }} StepResult */

/** Throws when this Node is too old, with what to do about it. @param {string} [version] */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantMajor = 0, wantMinor = 0] = oldestNode;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  throw new Error(
    `Node ${version} is too old: Sampan needs ${oldestNode.join(".")} or later. Install it and run again.`,
  );
}

/**
 * Why `npm ci` has to run, or undefined when node_modules already holds what package-lock.json names. npm keeps the list of what
 * it installed in node_modules/.package-lock.json; comparing entries, not file times, leaves an install made by hand alone.
 * @param {string} root
 */
export function installReason(root) {
  const installedList = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedList)) return "nothing is installed yet";
  const wanted = lockEntries(join(root, "package-lock.json"));
  const installed = lockEntries(installedList);
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes("node_modules/")) continue;
    const found = installed[path];
    if (!found) {
      // An optional package is often for another platform, so its absence says nothing.
      if (entry.optional) continue;
      return `${path} is missing`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity || found.link !== entry.link)
      return `${path} is not the version in package-lock.json`;
  }
  return undefined;
}

/** @param {string} file @returns {Record<string, LockEntry>} */
function lockEntries(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}

/**
 * Runs a program and resolves with whether it succeeded and all it printed.
 * @param {string} command @param {readonly string[]} args @param {string} cwd @returns {Promise<StepResult>}
 */
function runQuietly(command, args, cwd) {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => settle({ ok: false, output: `${command}: ${error.message}` }));
    child.on("close", (code) => settle({ ok: code === 0, output: output.trim() }));
  });
}

/** `npm ci`, only when something is missing. @param {(line: string) => void} say @param {string} [root] */
export async function install(say, root = repositoryRoot) {
  const reason = installReason(root);
  if (!reason) return;
  say(`installing dependencies: ${reason} (npm ci)`);
  const started = Date.now();
  const { ok, output } = await runQuietly("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], root);
  if (!ok)
    throw new Error(
      `npm ci failed. When it says the lockfile is out of sync: npm install, then node tools/complete-lockfile.mjs.\n${output}`,
    );
  say(`installed in ${seconds(started)}`);
}

/**
 * `tsc -b` of everything; a second run finds nothing to do and takes a fraction of a second. Says nothing when it was quick.
 * @param {(line: string) => void} say @param {string} [root] @returns {Promise<StepResult>}
 */
export async function build(say, root = repositoryRoot) {
  const started = Date.now();
  const notice = setTimeout(() => say("compiling (tsc -b)"), 700);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const result = await runQuietly(process.execPath, [compiler, "-b"], root);
  clearTimeout(notice);
  if (result.ok && Date.now() - started > 700) say(`compiled in ${seconds(started)}`);
  return result;
}

/** Node checked, dependencies installed, code compiled; throws with the compiler's messages otherwise. @param {(line: string) => void} say */
export async function bootstrap(say) {
  requireNode();
  await install(say);
  const { ok, output } = await build(say);
  if (!ok) throw new Error(`the code does not compile:\n${output}`);
}

/** @param {number} started */
function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
