import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";

/**
 * The key that an operator logs in with, made when there is none: 24 random bytes, in a file that only its owner reads.
 * The file appears complete or not at all; the caller owns its folder.
 */
export function loadOrCreateOperatorKey(file: string): string {
  const existing = read(file);
  if (existing !== "") return existing;
  const key = randomBytes(24).toString("base64url");
  const draft = `${file}.draft`;
  // One that a crash left may be readable for others.
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, "wx", 0o600);
  try {
    writeSync(descriptor, `${key}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
  return key;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
