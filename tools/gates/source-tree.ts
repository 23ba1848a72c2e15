import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The files that a commit of everything would hold, from the root, sorted: tracked and untracked, without ignored and deleted
 * ones. A tree without .git (a release archive, a test's temporary folder) is walked with the few names that are always ignored.
 */
export function sourceFiles(root: string): string[] {
  const listed = existsSync(join(root, ".git")) ? filesKnownToGit(root) : walk(root, "");
  return listed.sort();
}

function filesKnownToGit(root: string): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 });
  if (status !== 0) throw new Error(`git ls-files failed in ${root}: ${stderr}`);
  return [...new Set(stdout.split("\0"))].filter((file) => file !== "" && existsSync(join(root, file)));
}

const ignoredNames = new Set(["node_modules", "dist", ".git", ".sampan", ".cache"]);

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (ignoredNames.has(entry.name) || entry.name.endsWith(".tsbuildinfo")) return [];
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    return entry.isDirectory() ? walk(root, path) : [path];
  });
}

/** Code that protoc-gen-es writes; rules about style and size are not about it. The gate generated sees that nobody else does. */
export function isGenerated(file: string): boolean {
  return file.endsWith("_pb.ts");
}

export function isTestCode(file: string): boolean {
  return /\.(test|fixture)\.[cm]?tsx?$/.test(file);
}

export interface PackageManifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Folder from the root; empty for the root itself. */
  readonly folder: string;
  readonly file: string;
  readonly manifest: PackageManifest;
}

export function packagesOf(root: string, files: readonly string[] = sourceFiles(root)): WorkspacePackage[] {
  return files
    .filter((file) => file === "package.json" || file.endsWith("/package.json"))
    .map((file) => ({
      folder: file === "package.json" ? "" : file.slice(0, -"/package.json".length),
      file,
      manifest: JSON.parse(readFileSync(join(root, file), "utf8")) as PackageManifest,
    }));
}

/** The line, from 1, where `text` first stands in the file, or undefined. */
export function lineOf(root: string, file: string, text: string): number | undefined {
  const index = readFileSync(join(root, file), "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text));
  return index === -1 ? undefined : index + 1;
}
