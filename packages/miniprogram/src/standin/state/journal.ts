import { type FileHandle, open, rm } from "node:fs/promises";
import type { StandinEvent } from "./events.js";
import { lineOf, readEvents } from "./journal-lines.js";
import { draftOf, rewrite } from "./journal-rewrite.js";

/** Journals with fewer lines than this are left as they are. */
const fewLines = 1000;

/**
 * An append-only file of JSON lines. `append` never waits; what was appended while one write was under way goes into
 * the next, with one fdatasync for all of it (group commit), and `flushed` waits for that. A write that fails breaks
 * the journal: `flushed` rejects from then on, so that nothing more is promised. One process opens a file.
 *
 * When it is opened, and whenever it has twice as many lines as after the last look, it is looked through and, when more
 * than half of it is dead, written anew. Writers wait meanwhile, as for a slow disk.
 */
export class Journal {
  readonly #path: string;
  readonly #now: () => number;
  #file: FileHandle;
  #lines: number;
  #lookAt: number;
  #next: Batch | undefined;
  #writing: Batch | undefined;
  #busy = false;
  #failure: unknown;

  private constructor(path: string, now: () => number, file: FileHandle, lines: number) {
    this.#path = path;
    this.#now = now;
    this.#file = file;
    this.#lines = lines;
    this.#lookAt = Math.max(fewLines, lines * 2);
  }

  /**
   * Passes every event of the file to `apply`, drops a last line that a crash cut off, and opens it to append. `now`: ms
   * since the epoch, for what has expired.
   */
  static async open(path: string, apply: (event: StandinEvent) => void, now: () => number): Promise<Journal> {
    await rm(draftOf(path), { force: true });
    const file = await open(path, "a+", 0o600);
    let lines = 0;
    try {
      const count = (event: StandinEvent): void => {
        lines++;
        apply(event);
      };
      await file.truncate(await readEvents(file, count));
      const journal = new Journal(path, now, file, lines);
      if (lines >= fewLines) await journal.#compact();
      return journal;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  append(event: StandinEvent): void {
    this.#next ??= new Batch();
    this.#next.lines.push(lineOf(event));
    if (!this.#busy) void this.#write();
  }

  /** Resolves when everything appended so far is on the disk. */
  async flushed(): Promise<void> {
    await (this.#next ?? this.#writing)?.done;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.flushed().finally(() => this.#file.close());
  }

  async #write(): Promise<void> {
    this.#busy = true;
    // Let the rest of this turn of the event loop join, or the first event of a burst has a sync of its own.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#next !== undefined) {
      const batch = this.#next;
      this.#next = undefined;
      this.#writing = batch;
      try {
        if (this.#failure === undefined) {
          await this.#file.appendFile(batch.lines.join(""));
          await this.#file.datasync();
          this.#lines += batch.lines.length;
        }
      } catch (error) {
        this.#failure = error;
      }
      this.#writing = undefined;
      batch.finish();
      if (this.#lines >= this.#lookAt && this.#failure === undefined) await this.#compact();
    }
    this.#busy = false;
  }

  /** A journal that cannot be written anew goes on as it is. */
  async #compact(): Promise<void> {
    const rewritten = await rewrite(this.#path, this.#file, this.#now()).catch(() => undefined);
    if (rewritten !== undefined) {
      await this.#file.close();
      this.#file = rewritten.file;
      this.#lines = rewritten.lines;
      this.#failure = rewritten.failure;
    }
    this.#lookAt = Math.max(fewLines, this.#lines * 2);
  }
}

class Batch {
  readonly lines: string[] = [];
  readonly done: Promise<void>;
  finish!: () => void;

  constructor() {
    this.done = new Promise((resolve) => (this.finish = resolve));
  }
}
