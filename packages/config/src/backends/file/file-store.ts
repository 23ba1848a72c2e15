import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Clock, sleep, systemClock } from "@sampan/core";
import type { ConfigEvent, ConfigStore, ConfigVersion, ConfigWatch } from "@sampan/core/ports";
import { defaultDocumentLimits } from "../../document/limits.js";
import { ConfigErrors } from "../../errors.js";
import { requireSize } from "../key.js";
import { pause } from "../key-watch.js";
import { hashed, nothing } from "../revision.js";
import { Watches } from "../watches.js";

export interface FileConfigOptions {
  readonly clock?: Clock;
  /** How often the file is looked at: file systems that are mounted from elsewhere tell nothing. Default 250 ms. */
  readonly pollMs?: number;
  readonly maxBytes?: number;
}

/**
 * Documents as files of a folder, `<folder>/<key>.yaml`, such as a mounted ConfigMap. Publishers of one machine do not
 * overwrite each other's work; those of several must agree among themselves.
 */
export class FileConfigStore implements ConfigStore {
  readonly #folder: string;
  readonly #options: FileConfigOptions;
  readonly #clock: Clock;
  readonly #watches = new Watches();

  constructor(folder: string, options: FileConfigOptions = {}) {
    this.#folder = folder;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async get(key: string): Promise<ConfigVersion> {
    this.#watches.requireOpen(key);
    return this.#read(key);
  }

  async publish(key: string, text: string | undefined, expected?: string): Promise<string> {
    this.#watches.requireOpen(key);
    requireSize(key, text, this.#maxBytes);
    const path = this.#path(key);
    await mkdir(dirname(path), { recursive: true });
    return this.#locked(path, key, async () => {
      const present = await this.#read(key);
      if (expected !== undefined && present.revision !== expected) throw ConfigErrors.CHANGED_MEANWHILE({ key });
      if (text === undefined) {
        await rm(path, { force: true });
        return "";
      }
      await replace(path, text);
      return hashed(text).revision;
    });
  }

  watch(key: string, listener: (event: ConfigEvent) => void): ConfigWatch {
    const follow = async (tell: (version: ConfigVersion) => void, signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        tell(await this.#read(key));
        await pause(this.#clock, this.#options.pollMs ?? 250, signal);
      }
    };
    return this.#watches.open({ key, clock: this.#clock, follow }, listener);
  }

  async close(): Promise<void> {
    this.#watches.close();
  }

  get #maxBytes(): number {
    return this.#options.maxBytes ?? defaultDocumentLimits.maxBytes;
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.yaml`);
  }

  async #read(key: string): Promise<ConfigVersion> {
    try {
      const file = await open(this.#path(key), "r");
      try {
        const { size } = await file.stat();
        if (size > this.#maxBytes) throw ConfigErrors.TOO_LARGE({ key, size: `${size}`, limit: `${this.#maxBytes}` });
        return hashed(await file.readFile("utf8"));
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing;
      if (ConfigErrors.TOO_LARGE.is(error)) throw error;
      throw ConfigErrors.SOURCE_FAILED({ key, why: (error as Error).message }, { cause: error });
    }
  }

  /** One publisher at a time. A lock that was left behind by one that died is taken after a while. */
  async #locked<T>(path: string, key: string, work: () => Promise<T>): Promise<T> {
    const lock = `${path}.lock`;
    for (let tries = 0; ; tries++) {
      try {
        await (await open(lock, "wx")).close();
        break;
      } catch (error) {
        const why = (error as NodeJS.ErrnoException).code;
        if (why !== "EEXIST")
          throw ConfigErrors.SOURCE_FAILED({ key, why: (error as Error).message }, { cause: error });
        // Writing takes milliseconds; two seconds are a publisher that died.
        if (tries >= 100) await rm(lock, { force: true });
        await sleep(this.#clock, 20);
      }
    }
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  }
}

/** At once for every reader, and there after a power cut. */
export async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
