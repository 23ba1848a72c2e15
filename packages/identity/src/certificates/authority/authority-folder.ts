import { chmod, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createOnce } from "../../tokens/durable-file.js";
import { CertificateErrors } from "../certificate-errors.js";
import { isAuthorityState } from "./authority-shape.js";
import type { AuthorityState } from "./authority-state.js";
import type { AuthorityStore } from "./authority-store.js";

const namePattern = /^authority-(\d{10})\.json$/;
/** Kept behind the newest, so that who has just listed the folder can still read. */
const keptRevisions = 3;

export interface AuthorityFolderOptions {
  /** How often a running authority looks for what `sampan cert` has changed, ms. Default 1000. */
  readonly pollMs?: number;
}

/**
 * An authority's state with its keys in `<folder>/authority-<revision>.json`, readable for the owner only. Each
 * revision is a file of its own that appears complete or not at all and is never written over, so two processes
 * cannot both make the same one. Needs hard links. Rejects with `AUTHORITY_FOLDER`.
 */
export function authorityFolder(folder: string, { pollMs = 1000 }: AuthorityFolderOptions = {}): AuthorityStore {
  const pathOf = (revision: number): string => join(folder, `authority-${String(revision).padStart(10, "0")}.json`);
  return {
    pollMs,
    async load() {
      // Again, when what was listed is gone: somebody has saved meanwhile.
      for (let tries = 0; tries < 10; tries++) {
        const newest = (await revisions(folder)).at(-1);
        if (newest === undefined) return undefined;
        const text = await readOwn(folder, pathOf(newest));
        if (text !== undefined) return parse(folder, text, newest);
      }
      throw bad(folder, "its files change faster than they can be read");
    },
    async save(state) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (process.platform !== "win32") await chmod(folder, 0o700);
      const known = await revisions(folder);
      if (state.revision <= (known.at(-1) ?? -1)) return false;
      const path = pathOf(state.revision);
      const text = `${JSON.stringify(state, null, 2)}\n`;
      await createOnce(path, text);
      // Keys are random, so an equal text is ours.
      if ((await readFile(path, "utf8")) !== text) return false;
      for (const old of known.slice(0, -keptRevisions)) await rm(pathOf(old), { force: true });
      return true;
    },
  };
}

/** Ascending. */
async function revisions(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw bad(folder, (error as Error).message, error);
  }
  const found = names.map((name) => namePattern.exec(name)?.[1]).filter((digits) => digits !== undefined);
  return found.map(Number).sort((a, b) => a - b);
}

async function readOwn(folder: string, path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw bad(
        folder,
        `${path} can be read by others, who could sign certificates with it: chmod 600 it, and rotate the root`,
      );
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parse(folder: string, text: string, revision: number): AuthorityState {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    // Without its cause, which may quote a key.
    throw bad(folder, `revision ${revision} is damaged`);
  }
  if (!isAuthorityState(state) || state.revision !== revision) throw bad(folder, `revision ${revision} is damaged`);
  return state;
}

function bad(folder: string, why: string, cause?: unknown): Error {
  return CertificateErrors.AUTHORITY_FOLDER({ folder, why }, { cause });
}
