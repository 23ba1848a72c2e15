import { type FileHandle, open } from "node:fs/promises";
import type { StandinEvent } from "./events.js";

/**
 * An append-only file of JSON lines. `append` never waits; what was appended while one write was under way goes into
 * the next, with one fdatasync for all of it (group commit), and `flushed` waits for that. A write that fails breaks
 * the journal: `flushed` rejects from then on, so that nothing more is promised. One process opens a file.
 */
export class Journal {
  readonly #file: FileHandle;
  #next: Batch | undefined;
  #writing: Batch | undefined;
  #busy = false;
  #failure: unknown;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Passes every event of the file to `apply`, drops a last line that a crash cut off, and opens it to append. */
  static async open(path: string, apply: (event: StandinEvent) => void): Promise<Journal> {
    const file = await open(path, "a+", 0o600);
    try {
      await file.truncate(await replay(file, apply));
      return new Journal(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  append(event: StandinEvent): void {
    this.#next ??= new Batch();
    this.#next.lines.push(`${JSON.stringify(event)}\n`);
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
        }
      } catch (error) {
        this.#failure = error;
      }
      this.#writing = undefined;
      batch.finish();
    }
    this.#busy = false;
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

/** The length of the file up to its last complete line. */
async function replay(file: FileHandle, apply: (event: StandinEvent) => void): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let complete = 0;
  const chunk = Buffer.alloc(1 << 16);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return complete;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      apply(JSON.parse(rest.toString("utf8", 0, end)) as StandinEvent);
      rest = rest.subarray(end + 1);
      complete += end + 1;
    }
  }
}
