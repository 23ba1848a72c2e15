/**
 * Real engines and programs that suites may ask for with a first line such as `// needs: etcd, redis`. An engine is there when its program is
 * found; `npm test -- --install` gets the missing ones from Debian packages. A suite whose engine is missing is skipped with the
 * reason, and in CI a skip fails unless tools/testing/allowed-skips.mjs says why it may.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {object} Engine
 * @property {string} name what a suite writes after `needs:`
 * @property {string} program the executable that proves the engine is installed: a name in PATH, or an absolute path
 * @property {readonly string[]} packages the Debian packages that bring it; none when it is installed by hand
 */

/** @type {readonly Engine[]} */
export const engines = [
  { name: "curl", program: "curl", packages: ["curl"] },
  { name: "strace", program: "strace", packages: ["strace"] },
  { name: "etcd", program: "etcd", packages: ["etcd-server"] },
  { name: "openssl", program: "openssl", packages: ["openssl"] },
  // Debian's Go is older than what the modules of other people's tests ask for.
  { name: "go", program: "go", packages: [] },
];

/** Debian keeps servers in sbin, which PATH of an ordinary user lacks. */
const serverFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** @param {Engine} engine @param {string} [path] */
export function isInstalled(engine, path = process.env.PATH ?? "") {
  if (engine.program.startsWith("/")) return isExecutable(engine.program);
  return [...path.split(delimiter), ...serverFolders].some((folder) => isExecutable(join(folder, engine.program)));
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why a suite with these needs cannot run, or undefined. A name that is not in the list is a mistake in the suite and throws.
 * @param {readonly string[]} needs @param {readonly Engine[]} [known]
 */
export function missingEngine(needs, known = engines) {
  for (const need of needs) {
    const engine = known.find((candidate) => candidate.name === need);
    if (!engine)
      throw new Error(`no engine is called "${need}": add it to tools/test-engines.mjs or correct the "needs:" line`);
    if (isInstalled(engine)) continue;
    const packages = engine.packages.join(", ");
    const way = packages === "" ? "no package brings it: install it by hand" : `npm test -- --install gets ${packages}`;
    return `needs ${need}: ${engine.program} is not installed; ${way}`;
  }
  return undefined;
}

/** Installs what is missing with apt-get; throws when that fails. @param {(line: string) => void} say */
export function installEngines(say, known = engines) {
  const packages = known.filter((engine) => !isInstalled(engine)).flatMap((engine) => engine.packages);
  if (packages.length === 0) return;
  say(`installing ${packages.join(", ")} (apt-get)`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    encoding: /** @type {const} */ ("utf8"),
  };
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", ...packages],
  ]) {
    const { status, stderr, error } = spawnSync("apt-get", args, options);
    if (status === 0) continue;
    throw new Error(`apt-get ${args[0]} failed; run it as root on Debian. ${error?.message ?? stderr.trim()}`);
  }
}
