import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { missingOptionals } from "../complete-lockfile.mjs";
import type { Finding, Gate } from "./gate.js";
import { packagesOf } from "./source-tree.js";

interface Lockfile {
  readonly packages: Record<string, Record<string, unknown>>;
}

const file = "package-lock.json";
const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

/** `npm install` is content with a lockfile that `npm ci` refuses, so the person who changes it sees nothing. */
export const lockfile: Gate = {
  name: "lockfile",
  purpose: "npm ci accepts package-lock.json, on every platform",
  find(root) {
    if (!existsSync(join(root, file))) return [{ file, problem: "is missing", fix: "npm install, and commit it" }];
    const locked = JSON.parse(readFileSync(join(root, file), "utf8")) as Lockfile;
    return [...outdated(root, locked), ...incomplete(locked)];
  },
};

function outdated(root: string, { packages }: Lockfile): Finding[] {
  return packagesOf(root)
    .filter(({ folder, manifest }) => !sameDependencies(manifest, packages[folder]))
    .map(({ file: manifestFile }) => ({
      file: manifestFile,
      problem: "names other dependencies than package-lock.json has for it",
      fix: "npm install, and commit package-lock.json",
    }));
}

function sameDependencies(manifest: object, entry: object = {}): boolean {
  const of = (holder: object): string =>
    JSON.stringify(kinds.map((kind) => Object.entries((holder as Record<string, object>)[kind] ?? {}).sort()));
  return of(manifest) === of(entry);
}

function incomplete(locked: Lockfile): Finding[] {
  return missingOptionals(locked as Parameters<typeof missingOptionals>[0]).map(({ name, version, askedBy }) => ({
    file,
    problem: `lacks ${name}@${version}, which ${askedBy} asks for on another platform`,
    fix: "node tools/complete-lockfile.mjs",
  }));
}
