import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createOnce } from "./durable-file.js";

const secretBytes = 32;

/**
 * 32 random bytes in a file, made when there are none: for what one program writes and only itself reads. Readable for
 * its owner only; rejects when it is not, or is damaged.
 */
export async function loadOrCreateSecret(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const present = await stat(path).catch(() => undefined);
  if (present === undefined) await createOnce(path, `${randomBytes(secretBytes).toString("base64")}\n`);
  else if (process.platform !== "win32" && (present.mode & 0o077) !== 0)
    throw new Error(`${path} can be read by others: chmod 600 it, or remove it for a new secret`);
  const secret = Buffer.from((await readFile(path, "utf8")).trim(), "base64");
  if (secret.length !== secretBytes) throw new Error(`${path} is damaged: restore it, or remove it for a new secret`);
  return secret;
}
