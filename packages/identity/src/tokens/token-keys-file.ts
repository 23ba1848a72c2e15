import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createOnce } from "./create-once.js";
import { createPrivateTokenKey, type PrivateTokenKey, type TokenKeys, tokenKeysFrom } from "./token-keys.js";

const fileName = "token-keys.json";

/**
 * The keys in `<folder>/token-keys.json`, made when there are none yet. The file is readable for its owner only, appears
 * complete or not at all, and is never written over, so that processes that start together get the same keys.
 * Rejects when the file is damaged or readable for others; the message says what to do.
 */
export async function loadOrCreateTokenKeys(folder: string): Promise<TokenKeys> {
  const path = join(folder, fileName);
  const existing = await read(path);
  if (existing !== undefined) return existing;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await createOnce(path, `${JSON.stringify({ keys: [await createPrivateTokenKey()] }, null, 2)}\n`);
  // Read back in either case: another process may have been first.
  const keys = await read(path);
  if (keys === undefined) throw new Error(`${path} was there and is gone: something else removes it`);
  return keys;
}

async function read(path: string): Promise<TokenKeys | undefined> {
  let content: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new Error(
        `${path} can be read by others, who could make tokens with it: chmod 600 it, or remove it for new keys`,
      );
    }
    content = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return await tokenKeysFrom(parse(content));
  } catch {
    // Without its cause, which may quote the content.
    throw new Error(`${path} holds no usable key: restore it, or remove it for new keys (tokens of the old ones end)`);
  }
}

function parse(content: string): PrivateTokenKey {
  const key = (JSON.parse(content) as { keys?: Partial<PrivateTokenKey>[] }).keys?.[0];
  const { x, d, kid } = key ?? {};
  if (typeof x !== "string" || typeof d !== "string" || typeof kid !== "string" || kid === "")
    throw new TypeError("no key");
  return { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig", d };
}
