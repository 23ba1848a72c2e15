import { lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { services } from "./services.js";

/** What SQLite and its owner keep beside a database. */
const databaseSuffixes = ["", "-wal", "-shm", "-journal", "-lock", "-owner", "-runs"];
/** Folders, each with how the names of Sampan's own files in it begin. */
const folders: Readonly<Record<string, readonly string[]>> = {
  tokens: ["token-keys.json"],
  config: ["last-good-"],
  standin: ["standin-keys.json", "journal.jsonl"],
  authority: ["authority-"],
  audit: ["audit-", "audit.lock"],
};
/** Those of them that have a folder of the same kind for each process. */
const perProcess: ReadonlySet<string> = new Set(["audit"]);
/** What file systems and desktops leave in a folder that is empty for a person. */
const nobodys = new Set(["lost+found", ".DS_Store", "desktop.ini"]);

/** Files that make a folder Sampan's: they come first and stay until the folder goes. */
export const marker = "sampan";
export const markerFile: string = `${marker}-lock`;
export const keyFile = "operator-key";
export const addressesFile = "addresses.json";
export const processesFile = "processes.json";

const ownNames: ReadonlySet<string> = new Set([
  keyFile,
  ...[addressesFile, processesFile].flatMap((name) => [name, `${name}.draft`]),
  ...databaseSuffixes.map((suffix) => `${marker}${suffix}`),
  ...[...services.map(({ name }) => name), "queue"].flatMap((name) =>
    databaseSuffixes.map((suffix) => `${name}.db${suffix}`),
  ),
  ...Object.keys(folders),
]);

/** Those of the names in a data folder that Sampan did not make. */
export function foreignNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => !ownNames.has(name) && !nobodys.has(name));
}

/**
 * Deletes what Sampan keeps in a data folder, and nothing else: what people put there stays, and so do the files that
 * make the folder Sampan's. The caller owns the folder. Gives the names that stayed although nobody needs them.
 */
export function deleteOwnFiles(folder: string): readonly string[] {
  const kept: string[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(`${marker}-`) || nobodys.has(name)) continue;
    const begins = folders[name];
    if (begins !== undefined && lstatSync(path).isDirectory()) {
      kept.push(...emptyFolder(path, begins, perProcess.has(name)).map((inside) => join(name, inside)));
    } else if (ownNames.has(name) && !lstatSync(path).isDirectory()) rmSync(path);
    else kept.push(name);
  }
  return kept;
}

function emptyFolder(folder: string, begins: readonly string[], deeper = false): readonly string[] {
  const kept: string[] = [];
  for (const name of readdirSync(folder)) {
    if (deeper && lstatSync(join(folder, name)).isDirectory())
      kept.push(...emptyFolder(join(folder, name), begins).map((inside) => join(name, inside)));
    else if (begins.some((own) => name.startsWith(own))) rmSync(join(folder, name));
    else kept.push(name);
  }
  if (kept.length === 0) rmdirSync(folder);
  return kept;
}
