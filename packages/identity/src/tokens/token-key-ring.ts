import { type Clock, systemClock } from "@sampan/core";
import { replaceFile } from "./durable-file.js";
import { defaultRotation, nextKey, published, type RotationRules, signing } from "./key-rotation.js";
import {
  createPrivateTokenKey,
  type PublicTokenKeys,
  publicTokenKey,
  type TokenAlgorithm,
  type TokenKeys,
  tokenKeysFrom,
} from "./token-keys.js";
import { damaged, formatKeys, readKeys, readOrCreateKeys, type StoredKey, tokenKeysPath } from "./token-keys-file.js";

export interface TokenKeyRingOptions {
  /** The keys are in `<folder>/token-keys.json`, made when there are none. */
  readonly folder: string;
  /** Of new keys; those that are there keep theirs. Default EdDSA. */
  readonly algorithm?: TokenAlgorithm;
  readonly rules?: Partial<RotationRules>;
  readonly clock?: Clock;
}

/**
 * The issuer's keys: one signs, and beside it the next one and the old ones are published.
 *
 * `turn` is to be called regularly, by every process that uses the file: it makes the next key when it
 * is time, drops what is no longer needed, and takes over what other processes did. When several make a key at once, one
 * is written last and the others take it over at their next turn, which comes long before the key signs.
 */
export interface TokenKeyRing {
  /** What signs now. */
  signing(): TokenKeys;
  /** What may be published, as it is. */
  publicKeys(): PublicTokenKeys;
  /** Rejects when the file cannot be read or written; the ring then stays as it is. */
  turn(): Promise<void>;
}

/** Rejects when the file is damaged or readable for others; the message says what to do. */
export async function openTokenKeyRing(options: TokenKeyRingOptions): Promise<TokenKeyRing> {
  const { folder, algorithm = "EdDSA", clock = systemClock } = options;
  const rules = { ...defaultRotation, ...options.rules };
  if (rules.rotateEveryMs !== 0 && rules.rotateEveryMs <= rules.publishAheadMs)
    throw new TypeError("keys must sign for longer than they are published ahead");
  const path = tokenKeysPath(folder);
  const imported = new Map<string, TokenKeys>();
  let entries: readonly StoredKey[] = [];

  const adopt = async (stored: readonly StoredKey[]): Promise<void> => {
    for (const { kid, jwk } of stored) {
      if (imported.has(kid)) continue;
      try {
        imported.set(kid, await tokenKeysFrom(jwk));
      } catch {
        throw damaged(path);
      }
    }
    entries = stored;
    for (const kid of imported.keys()) if (!stored.some((entry) => entry.kid === kid)) imported.delete(kid);
  };

  const ring: TokenKeyRing = {
    signing: () => imported.get((signing(entries, clock.now()) as StoredKey).kid) as TokenKeys,
    publicKeys: () => ({ keys: published(entries, clock.now(), rules).map(({ jwk }) => publicTokenKey({ ...jwk })) }),
    async turn() {
      const held = (await readKeys(path)) ?? entries;
      const now = clock.now();
      const kept = [...published(held, now, rules)];
      const signsFrom = nextKey(kept, now, rules);
      if (signsFrom === undefined && kept.length === held.length) return adopt(held);
      if (signsFrom !== undefined) {
        const jwk = await createPrivateTokenKey(algorithm);
        kept.push({ kid: jwk.kid, signsFrom, jwk });
      }
      // Durably: a key that has signed must not be lost.
      await replaceFile(path, formatKeys(kept));
      await adopt((await readKeys(path)) ?? kept);
    },
  };
  await adopt(await readOrCreateKeys(path, algorithm, clock.now()));
  await ring.turn();
  return ring;
}
