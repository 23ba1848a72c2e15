import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding, Gate } from "./gate.js";
import { lineOf, type PackageManifest, packagesOf } from "./source-tree.js";

const list = "docs/dependencies.md";
const installScriptsHeading = "## Packages with install scripts";

export const dependencies: Gate = {
  name: "dependencies",
  purpose: `every dependency from outside has its reason in ${list}, and so has every install script`,
  find(root) {
    if (!existsSync(join(root, list)))
      return [{ file: list, problem: "is missing", fix: "write it: one table row a dependency" }];
    const [reasons = "", scripts = ""] = readFileSync(join(root, list), "utf8").split(installScriptsHeading);
    return [
      ...compare(root, rowsOf(reasons), declaredDependencies(root), "reason in the table"),
      ...compare(root, rowsOf(scripts), packagesWithScripts(root), `row under "${installScriptsHeading}"`),
    ];
  },
};

/** The names in the first column of the tables, with what the last column says. */
function rowsOf(markdown: string): Map<string, string> {
  const rows = [...markdown.matchAll(/^\|\s*`([^`]+)`\s*\|(.*)\|\s*$/gm)];
  return new Map(rows.map(([, name = "", rest = ""]) => [name, rest.split("|").at(-1)?.trim() ?? ""]));
}

/** Name of each dependency that is not a workspace, with the file that declares it first. */
function declaredDependencies(root: string): Map<string, string> {
  const packages = packagesOf(root);
  const own = new Set(packages.map(({ manifest }) => manifest.name));
  const declared = new Map<string, string>();
  for (const { file, manifest } of packages)
    for (const name of dependencyNames(manifest)) if (!own.has(name) && !declared.has(name)) declared.set(name, file);
  return declared;
}

function dependencyNames(manifest: PackageManifest): string[] {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies });
}

function packagesWithScripts(root: string): Map<string, string> {
  const lockfile = join(root, "package-lock.json");
  if (!existsSync(lockfile)) return new Map();
  const { packages } = JSON.parse(readFileSync(lockfile, "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const withScripts = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript);
  return new Map(withScripts.map(([path]) => [path.replace(/^.*node_modules\//, ""), "package-lock.json"]));
}

function compare(
  root: string,
  rows: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
  what: string,
): Finding[] {
  const missing = [...found].filter(([name]) => !rows.get(name));
  const stale = [...rows.keys()].filter((name) => !found.has(name));
  return [
    ...missing.map(([name, file]) => ({
      file,
      line: lineOf(root, file, `${name}"`),
      problem: `${name} has no ${what} of ${list}`,
      fix: `say in ${list} why it is here, or remove the package`,
    })),
    ...stale.map((name) => ({
      file: list,
      line: lineOf(root, list, `\`${name}\``),
      problem: `lists ${name}, which is not there any more`,
      fix: "delete the row",
    })),
  ];
}
