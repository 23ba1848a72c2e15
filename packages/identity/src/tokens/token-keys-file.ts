import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createOnce } from "./durable-file.js";
import type { RingEntry } from "./key-rotation.js";
import {
  createPrivateTokenKey,
  type PrivateTokenKey,
  publicTokenKey,
  type TokenAlgorithm,
  type TokenKeys,
  tokenKeysFrom,
} from "./token-keys.js";

const fileName = "token-keys.json";

/** A key in the file, and from when on it signs. */
export interface StoredKey extends RingEntry {
  readonly jwk: PrivateTokenKey;
}

export function tokenKeysPath(folder: string): string {
  return join(folder, fileName);
}

/**
 * The first key in `<folder>/token-keys.json`, made when there is none yet: for a process that never rotates. Rejects when
 * the file is damaged or readable for others; the message says what to do.
 */
export async function loadOrCreateTokenKeys(folder: string): Promise<TokenKeys> {
  const path = tokenKeysPath(folder);
  const [first] = await readOrCreateKeys(path, "EdDSA", 0);
  try {
    return await tokenKeysFrom((first as StoredKey).jwk);
  } catch {
    throw damaged(path);
  }
}

/**
 * The keys in the file, in order of `signsFrom`, made when there are none. The file is readable for its owner only and
 * appears complete or not at all, so that processes that start together get the same keys.
 */
export async function readOrCreateKeys(
  path: string,
  algorithm: TokenAlgorithm,
  now: number,
): Promise<readonly StoredKey[]> {
  const existing = await readKeys(path);
  if (existing !== undefined) return existing;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const jwk = await createPrivateTokenKey(algorithm);
  await createOnce(path, formatKeys([{ kid: jwk.kid, signsFrom: now, jwk }]));
  // Read back in either case: another process may have been first.
  const keys = await readKeys(path);
  if (keys === undefined) throw new Error(`${path} was there and is gone: something else removes it`);
  return keys;
}

export async function readKeys(path: string): Promise<readonly StoredKey[] | undefined> {
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
    return parse(content);
  } catch {
    // Without its cause, which may quote the content.
    throw damaged(path);
  }
}

/** `signs_from` is a member of our own, which other readers of key sets ignore (RFC 7517 section 4). */
export function formatKeys(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ keys: keys.map(({ jwk, signsFrom }) => ({ ...jwk, signs_from: signsFrom })) }, null, 2)}\n`;
}

function parse(content: string): readonly StoredKey[] {
  const { keys } = JSON.parse(content) as { keys: (PrivateTokenKey & { signs_from?: unknown })[] };
  if (keys.length === 0) throw new TypeError("no key");
  const stored = keys.map(({ signs_from: from = 0, ...jwk }) => {
    const { kid } = publicTokenKey({ ...jwk });
    if (typeof jwk.d !== "string" || !Number.isSafeInteger(from)) throw new TypeError("no key");
    return { kid, signsFrom: from as number, jwk };
  });
  return stored.sort((a, b) => a.signsFrom - b.signsFrom);
}

export function damaged(path: string): Error {
  return new Error(`${path} holds no usable key: restore it, or remove it for new keys (tokens of the old ones end)`);
}
