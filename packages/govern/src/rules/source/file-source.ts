import { createHash } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import { RuleErrors } from "../error.js";
import { defaultRuleLimits } from "../limits.js";
import type { RuleSource, RuleWatcher } from "./rule-source.js";

export interface FileSourceOptions {
  readonly clock?: Clock;
  /** How long a file must be at rest before it is read, so that half a write is not. Default 50 ms. */
  readonly settleMs?: number;
  /** The file is also looked at so often, for file systems that tell nothing. Default 1000 ms. */
  readonly pollMs?: number;
  /** A file above this is not read. Default as for rule documents. */
  readonly maxBytes?: number;
}

/**
 * A rule file. The folder is watched rather than the file, because editors and Kubernetes replace instead of writing:
 * a ConfigMap changes by swapping the link `..data` beside the file.
 */
export function fileSource(path: string, options: FileSourceOptions = {}): RuleSource {
  return { name: path, watch: (watcher) => new WatchedFile(path, watcher, options).stop };
}

class WatchedFile {
  readonly #path: string;
  readonly #watcher: RuleWatcher;
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #pollMs: number;
  readonly #maxBytes: number;
  #folder: FSWatcher | undefined;
  #settling: CancelTimer | undefined;
  #polling: CancelTimer = () => {};
  #reading = false;
  #again = false;
  #stopped = false;
  /** Of the last text, or of the last failure. */
  #told = "";

  constructor(path: string, watcher: RuleWatcher, options: FileSourceOptions) {
    this.#path = resolve(path);
    this.#watcher = watcher;
    this.#clock = options.clock ?? systemClock;
    this.#settleMs = options.settleMs ?? 50;
    this.#pollMs = options.pollMs ?? 1000;
    this.#maxBytes = options.maxBytes ?? defaultRuleLimits.maxBytes;
    this.#follow();
    this.#poll();
    void this.#read();
  }

  readonly stop = (): void => {
    this.#stopped = true;
    this.#folder?.close();
    this.#settling?.();
    this.#polling();
  };

  /** Where watching does not work (no folder yet, no more watches to be had), looking now and then does. */
  #follow(): void {
    try {
      const folder = watch(dirname(this.#path), { persistent: false }, () => this.#changed());
      folder.on("error", () => {
        folder.close();
        this.#folder = undefined;
      });
      this.#folder = folder;
    } catch {
      this.#folder = undefined;
    }
  }

  #poll(): void {
    const look = (): void => {
      if (this.#folder === undefined) this.#follow();
      void this.#read();
      this.#poll();
    };
    this.#polling = this.#clock.timer(this.#pollMs, look, { background: true });
  }

  #changed(): void {
    this.#settling?.();
    this.#settling = this.#clock.timer(this.#settleMs, () => void this.#read(), { background: true });
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      const text = await readUpTo(this.#path, this.#maxBytes);
      const revision = createHash("sha256").update(text).digest("hex").slice(0, 16);
      this.#tell(`is ${revision}`, () => this.#watcher.rules({ text, revision }));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = RuleErrors.RULES_UNREADABLE({ source: this.#path, why }, { cause });
      this.#tell(`failed ${why}`, () => this.#watcher.failed(error));
    }
    this.#reading = false;
    if (this.#again && !this.#stopped) {
      this.#again = false;
      void this.#read();
    }
  }

  #tell(what: string, tell: () => void): void {
    if (this.#stopped || what === this.#told) return;
    this.#told = what;
    tell();
  }
}

/** One byte more than allowed is read, for the reader of rules to refuse it with its own words. */
async function readUpTo(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new TypeError("it is not a file");
    const buffer = Buffer.alloc(Math.min(stat.size, maxBytes) + 1);
    let size = 0;
    while (size < buffer.length) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, null);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return buffer.toString("utf8", 0, size);
  } finally {
    await file.close();
  }
}
