import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import type { Finding, Gate } from "./gate.js";
import { runProgram } from "./run-program.js";
import { packagesOf, sourceFiles } from "./source-tree.js";

/**
 * A dist folder that is already there hides what the compiler would say on a fresh clone: an import of a package that no project
 * reference builds first, or of a file that was deleted. So the sources are copied to where nothing has been compiled.
 */
export const cleanCompile: Gate = {
  name: "clean-compile",
  purpose: "the sources compile from nothing, and every public entry is there afterwards",
  async find(root) {
    const files = sourceFiles(root);
    const unbuilt = projectsOutsideTheBuild(root, files);
    // The real path, because the compiler prints real paths and /tmp may be a link.
    const copy = realpathSync(mkdtempSync(join(tmpdir(), "sampan-clean-")));
    try {
      for (const file of files) cpSync(join(root, file), join(copy, file));
      linkModules(realpathSync(root), copy, "node_modules");
      for (const { folder } of packagesOf(root, files))
        if (folder) linkModules(realpathSync(root), copy, join(folder, "node_modules"));
      const { status, stdout, stderr } = await runProgram("tsc", ["-b", "--pretty", "false"], copy);
      const errors = compilerErrors(`${stdout}\n${stderr}`);
      if (status !== 0 && errors.length === 0) throw new Error(`tsc failed with status ${status}:\n${stdout}${stderr}`);
      return [...unbuilt, ...errors, ...(status === 0 ? missingEntries(copy, files) : [])];
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  },
};

/**
 * Fills the copy's node_modules with links: to the original for packages from outside, but into the copy for the workspaces, whose
 * own links lead back to the original tree and its compiled files.
 */
function linkModules(root: string, copy: string, folder: string): void {
  const original = join(root, folder);
  if (!existsSync(original)) return;
  mkdirSync(join(copy, folder), { recursive: true });
  for (const name of readdirSync(original)) {
    const path = join(folder, name);
    if (name.startsWith("@")) linkModules(root, copy, path);
    else if (!name.startsWith(".")) symlinkSync(linkTarget(root, copy, path), join(copy, path));
  }
}

function linkTarget(root: string, copy: string, path: string): string {
  const original = join(root, path);
  if (!lstatSync(original).isSymbolicLink()) return original;
  const target = realpathSync(original);
  const inside = relative(root, target);
  const isWorkspace = !inside.startsWith("..") && !inside.split(sep).includes("node_modules");
  return isWorkspace ? join(copy, inside) : target;
}

/** The compiler's errors, without those that only say that another project's errors kept it from being built. */
function compilerErrors(output: string): Finding[] {
  const errors = parseErrors(output);
  const causes = errors.filter(({ problem }) => !problem.startsWith("TS6305:"));
  return causes.length > 0 ? causes : errors;
}

function parseErrors(output: string): Finding[] {
  return output.split("\n").flatMap((text) => {
    const [, file, line, problem] = text.match(/^(?:(.+?)\((\d+),\d+\): )?error (TS\d+: .*)$/) ?? [];
    if (!problem) return [];
    const fix =
      "npm run clean && npm run build shows it; if only that fails, a reference is missing in a tsconfig.json";
    return [{ file: file ?? "tsconfig.json", line: line ? Number(line) : undefined, problem, fix }];
  });
}

/** A tsconfig that the root does not reach is compiled by nobody, and so is a package that has none. */
function projectsOutsideTheBuild(root: string, files: readonly string[]): Finding[] {
  const reached = new Set<string>();
  const visit = (config: string): void => {
    if (reached.has(config) || !existsSync(join(root, config))) return;
    reached.add(config);
    const { references = [] } = JSON.parse(readFileSync(join(root, config), "utf8")) as {
      references?: { path: string }[];
    };
    for (const { path } of references) {
      const target = join(dirname(config), path);
      visit(target.endsWith(".json") ? target : join(target, "tsconfig.json"));
    }
  };
  visit("tsconfig.json");
  const without = packagesOf(root, files)
    .filter(({ folder }) => folder && !files.includes(`${folder}/tsconfig.json`))
    .filter(({ folder }) => files.some((file) => file.startsWith(`${folder}/`) && file.endsWith(".ts")))
    .map(({ file }) => ({
      file,
      problem: "has TypeScript beside it and no tsconfig.json, so nothing compiles it",
      fix: "add a tsconfig.json, and a reference to it in the root tsconfig.json",
    }));
  const unreached = files
    .filter((file) => /(^|\/)tsconfig(\.test)?\.json$/.test(file) && !reached.has(file))
    .map((file) => ({
      file,
      problem: "is not reached from the root tsconfig.json, so nothing compiles it",
      fix: `add { "path": "${file.endsWith("/tsconfig.json") ? dirname(file) : file}" } to the references of tsconfig.json`,
    }));
  return [...without, ...unreached];
}

/** Entries in `exports` and `bin` that the compiler did not produce; patterns with a star are left to the import table. */
function missingEntries(copy: string, files: readonly string[]): Finding[] {
  return packagesOf(copy, files).flatMap(({ folder, file, manifest }) =>
    [...new Set(entryPaths([manifest.exports, manifest.bin]))]
      .filter((entry) => entry.startsWith("./") && !entry.includes("*") && !existsSync(join(copy, folder, entry)))
      .map((entry) => ({
        file,
        problem: `names ${entry}, which the compiler does not produce`,
        fix: "write the source file or take the entry out",
      })),
  );
}

function entryPaths(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(entryPaths) : [];
}
