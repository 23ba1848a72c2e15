import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { silentLogger, systemClock } from "@sampan/core";
import { ownFile, SqlErrors } from "@sampan/data";
import { CommandError } from "../command/command-error.js";

/** The folder of an installation, held by this process until it is released or ends. */
export interface DataFolder {
  readonly path: string;
  /** What an operator logs in with; made at the first start. */
  readonly operatorKey: string;
  /** Whether there was nothing in it before. */
  readonly isNew: boolean;
  release(): void;
}

const marker = "sampan";
const keyFile = "operator-key";

/**
 * Takes the folder for this process. `fresh` deletes what is in it first, which is refused for a folder that Sampan
 * did not make. Throws `CommandError` when another process has it, or when it holds something else.
 */
export function openDataFolder(path: string, options: { readonly fresh?: boolean } = {}): DataFolder {
  const folder = resolve(path);
  const existing = existsSync(folder) ? readdirSync(folder) : [];
  const isOurs = existing.includes(`${marker}-lock`);
  if (existing.length > 0 && !isOurs) {
    throw new CommandError(`${folder} holds files that are not Sampan's`, "name another folder with --data");
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = own(folder);
  try {
    if (options.fresh === true) {
      for (const name of existing) {
        if (!name.startsWith(`${marker}-`)) rmSync(join(folder, name), { recursive: true, force: true });
      }
    }
    const operatorKey = loadOrCreateKey(join(folder, keyFile));
    return {
      path: folder,
      operatorKey,
      isNew: existing.length === 0 || options.fresh === true,
      release: () => owner.release(),
    };
  } catch (error) {
    owner.release();
    throw error;
  }
}

function own(folder: string): { release(): void } {
  try {
    return ownFile(join(folder, marker), systemClock, silentLogger);
  } catch (error) {
    if (!SqlErrors.FILE_IN_USE.is(error)) throw error;
    const holder = error.info?.metadata.owner ?? "another process";
    throw new CommandError(`${folder} is in use by ${holder}`, "stop that process, or name another folder with --data");
  }
}

function loadOrCreateKey(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const key = randomBytes(24).toString("base64url");
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}
