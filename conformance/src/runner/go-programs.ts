import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Go programs of one module, built on first use; nothing of theirs is committed. */
export interface GoPrograms {
  /** Where the programs lie, by the last part of their package's path. */
  readonly folder: string;
  /** The unpacked module, with its test data. */
  readonly moduleFolder: string;
}

export async function hasGo(): Promise<boolean> {
  return run("go", ["version"]).then(
    () => true,
    () => false,
  );
}

/** A build from nothing takes about a minute on two cores; a download that hangs must not take for ever. */
const buildTimeoutMs = 600_000;

/**
 * `packages` are relative to the module. `pins` are versions of modules that it needs, for one that does not name them
 * itself; the checksum database vouches for what is fetched. Rejects with what `go` wrote.
 */
export async function goPrograms(
  cache: string,
  module: string,
  version: string,
  packages: readonly string[],
  pins: Readonly<Record<string, string>> = {},
): Promise<GoPrograms> {
  const folder = join(cache, `${module.replaceAll("/", "-")}-${version}`);
  await mkdir(folder, { recursive: true });
  const go = (...words: string[]): Promise<{ stdout: string }> =>
    run("go", words, { cwd: folder, maxBuffer: 1 << 26, timeout: buildTimeoutMs });
  const missing = packages.filter((path) => !existsSync(join(folder, programName(path))));
  if (missing.length > 0) await writeFile(join(folder, "go.mod"), goMod({ ...pins, [module]: version }));
  for (const path of missing) {
    console.error(`building ${module}/${path}@${version}`);
    const unfinished = `${programName(path)}.new`;
    await go("build", "-mod=mod", "-o", unfinished, `${module}/${path}`);
    await rename(join(folder, unfinished), join(folder, programName(path)));
  }
  const { stdout } = await go("list", "-mod=mod", "-m", "-f", "{{.Dir}}", module);
  return { folder, moduleFolder: stdout.trim() };
}

/**
 * A Go program of ours, one file, built on first use and again when it or a version changes. `requirements` are versions
 * of the modules that it uses. Gives the program's path; rejects with what `go` wrote.
 */
export async function ownGoProgram(
  cache: string,
  name: string,
  file: string,
  requirements: Readonly<Record<string, string>>,
): Promise<string> {
  const source = await readFile(file);
  const version = createHash("sha256").update(source).update(goMod(requirements)).digest("hex").slice(0, 16);
  const folder = join(cache, `${name}-${version}`);
  const program = join(folder, name);
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "main.go"), source);
  await writeFile(join(folder, "go.mod"), goMod(requirements));
  console.error(`building ${name}`);
  const unfinished = `${name}.new`;
  await run("go", ["build", "-mod=mod", "-o", unfinished, "."], {
    cwd: folder,
    maxBuffer: 1 << 26,
    timeout: buildTimeoutMs,
  });
  await rename(join(folder, unfinished), program);
  return program;
}

function goMod(requirements: Readonly<Record<string, string>>): string {
  const lines = Object.entries(requirements).map(([module, version]) => `require ${module} ${version}`);
  return `${["module conformance", "go 1.26.0", ...lines].join("\n\n")}\n`;
}

function programName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
