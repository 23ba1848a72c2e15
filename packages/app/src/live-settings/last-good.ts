import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigVersion } from "@sampan/core/ports";

/** A document that was in force. */
export interface LastGood {
  readonly version: ConfigVersion;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
}

/**
 * Copies of the last good documents in a folder, so that a process can start while the centre is away. Documents hold no
 * secrets: those are refused in them. Writing that fails is told by the result, and nothing else fails then.
 */
export class LastGoodDocuments {
  readonly #folder: string;
  readonly #kept = new Map<string, string>();

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, "config");
  }

  /** Undefined when there is none that can be read. */
  read(key: string): LastGood | undefined {
    try {
      const held = JSON.parse(readFileSync(this.#path(key), "utf8")) as Record<string, unknown>;
      const { revision, text, savedAt } = held;
      if (held.key !== key || typeof revision !== "string" || typeof savedAt !== "number") return undefined;
      if (text !== undefined && typeof text !== "string") return undefined;
      return { version: { text, revision }, savedAt };
    } catch {
      return undefined;
    }
  }

  /** Why it could not be kept; undefined when it was. */
  write(key: string, version: ConfigVersion, now: number): string | undefined {
    const mark = JSON.stringify(version);
    if (this.#kept.get(key) === mark) return undefined;
    const path = this.#path(key);
    const draft = `${path}.${process.pid}.draft`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(draft, JSON.stringify({ key, ...version, savedAt: now }), { mode: 0o600 });
      renameSync(draft, path);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.#kept.set(key, mark);
    return undefined;
  }

  #path(key: string): string {
    return join(this.#folder, `last-good-${key.replaceAll("/", ".")}.json`);
  }
}
