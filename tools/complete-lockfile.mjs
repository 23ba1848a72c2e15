/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out. npm 11 leaves out what its registry does not
 * serve (a company mirror often holds its own platform only), and then `npm ci` refuses the lockfile, here and everywhere else:
 * npm/cli#9343, npm/cli#9846. The version comes from the package that asks for it, which pins it; the platform comes from the name.
 * No hash is known, so npm checks none for these; they are installed on those platforms only.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "./bootstrap.mjs";

/**
 * @typedef {{ name?: string, version?: string, integrity?: string, optional?: boolean, dev?: boolean, os?: string[], cpu?: string[],
 *   libc?: string[], dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lockfile
 */

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
/** Names that some packages use for the above. @type {Readonly<Record<string, string>>} */
const aliases = { aarch64: "arm64", armv7: "arm", windows: "win32", macos: "darwin", x86: "ia32" };

/**
 * The optional packages that an entry asks for and the lockfile lacks.
 * @param {Lockfile} lockfile @returns {{ name: string, version: string, askedBy: string, dev: boolean }[]}
 */
export function missingOptionals({ packages }) {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map(([name, version]) => ({ name, version, askedBy: path, dev: entry.dev === true })),
  );
}

/** What a lockfile entry says about where a package runs. @param {string} name such as `@scope/cli-linux-arm64-musl` */
export function platformOf(name) {
  const parts = name
    .replace(/^@[^/]+\//, "")
    .split("-")
    .map((part) => aliases[part] ?? part);
  const os = parts.filter((part) => systems.includes(part));
  const cpu = parts.filter((part) => processors.includes(part));
  const libc = parts.flatMap((part) => (part.startsWith("musl") ? ["musl"] : part.startsWith("gnu") ? ["glibc"] : []));
  return { os, cpu, libc };
}

/** The lockfile with what was missing; throws when a name does not say where its package runs. @param {Lockfile} lockfile @returns {Lockfile} */
export function completeLockfile(lockfile) {
  const added = missingOptionals(lockfile).map(({ name, version, askedBy, dev }) => {
    const { os, cpu, libc } = platformOf(name);
    if (os.length === 0 || cpu.length === 0 || !/^\d+\.\d+\.\d+/.test(version))
      throw new Error(
        `cannot tell the platform and version of ${name}@${version}, which ${askedBy} asks for: add its entry by hand`,
      );
    // In npm's own order, so that its next write changes nothing.
    const entry = { version, cpu, ...(dev && { dev }), ...(libc.length > 0 && { libc }), optional: true, os };
    return /** @type {const} */ ([`node_modules/${name}`, entry]);
  });
  const sorted = [...Object.entries(lockfile.packages), ...added].sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lockfile, packages: Object.fromEntries(sorted) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(repositoryRoot, "package-lock.json");
  const lockfile = JSON.parse(readFileSync(file, "utf8"));
  const missing = missingOptionals(lockfile).length;
  if (missing > 0) writeFileSync(file, `${JSON.stringify(completeLockfile(lockfile), null, 2)}\n`);
  console.log(`added ${missing} packages of other platforms to package-lock.json`);
}
