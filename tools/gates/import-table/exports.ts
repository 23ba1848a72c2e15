import type { PackageManifest } from "../source-tree.js";

/** Whether `@scope/name` + `subpath` ("" for the package itself, or "/x") is an entry of the package's `exports`. */
export function isPublicEntry(manifest: PackageManifest, subpath: string): boolean {
  return Object.keys(manifest.exports ?? {}).some((key) => {
    const [before = "", after] = key.split("*");
    const wanted = `.${subpath}`;
    if (after === undefined) return key === wanted;
    return wanted.length > before.length + after.length && wanted.startsWith(before) && wanted.endsWith(after);
  });
}
