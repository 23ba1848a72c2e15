import { type FileHandle, open, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import { AuditErrors } from "./audit-errors.js";
import { type ChainHead, emptyChain, link, readLine } from "./chain.js";
import { type AuditEvent, type AuditMark, checkEvent } from "./entry.js";
import { type TrailFile, tailOf, trailFilePath, trailFiles } from "./trail-files.js";
import { lockTrail } from "./trail-lock.js";

/**
 * An append-only file of who did what, as a hash chain. `append` resolves when the line is as safe as `sync` says;
 * lines are in the order of the calls. After a write has failed the trail takes nothing more, because what reached the
 * disk is not known; opening it again finds out.
 */
export interface AuditTrail {
  /** Rejects with `AUDIT_ENTRY` for what cannot be written, and `AUDIT_CLOSED`. */
  append(event: AuditEvent): Promise<void>;
  /** Behind the last line that is written. */
  readonly head: ChainHead;
  /** Writes what waits, and a checkpoint. */
  close(): Promise<void>;
}

export interface AuditTrailOptions {
  /** Of this process alone. */
  readonly folder: string;
  readonly clock?: Clock;
  /**
   * `always`: a line has survived a power cut when `append` resolves; lines that wait together share one sync.
   * `{ everyMs }`: it survives the end of the process at once, and a power cut after so long. Default `always`.
   */
  readonly sync?: "always" | { readonly everyMs: number };
  /** A new file begins when one has so many octets. Default 64 MiB. */
  readonly maxFileBytes?: number;
  /** Events between checkpoints. Default 1000. */
  readonly checkpointEvery?: number;
  /** Hears of each checkpoint when it is safe, to note it where whoever can change the trail cannot: in the log. */
  readonly onCheckpoint?: (head: ChainHead) => void;
  /** Events that may wait to be written. Default 10000; more are rejected. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly event: AuditEvent;
  resolve(): void;
  reject(error: unknown): void;
}

/** Opens or begins a trail. Rejects with `AUDIT_IN_USE`, and `AUDIT_DAMAGED` when its last line is not whole in itself. */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const unlock = await lockTrail(options.folder);
  const trail = new Trail(options, unlock);
  try {
    await trail.open();
    return trail;
  } catch (error) {
    await trail.abandon();
    throw error;
  }
}

class Trail implements AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #clock: Clock;
  readonly #unlock: () => Promise<void>;
  readonly #maxFileBytes: number;
  readonly #checkpointEvery: number;
  #head = emptyChain;
  #file: FileHandle | undefined;
  #bytes = 0;
  #sinceCheckpoint = 0;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #unsynced = false;
  #cancelSync: CancelTimer = () => {};
  #refuses: string | undefined;

  constructor(options: AuditTrailOptions, unlock: () => Promise<void>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#unlock = unlock;
    this.#maxFileBytes = options.maxFileBytes ?? 64 * 1024 * 1024;
    this.#checkpointEvery = options.checkpointEvery ?? 1000;
  }

  get head(): ChainHead {
    return this.#head;
  }

  async open(): Promise<void> {
    const files = await trailFiles(this.#options.folder);
    const last = files.at(-1);
    if (last === undefined) return this.#begin();
    const tail = await tailOf(last.path);
    // A crash while a file began has left nothing whole in it: then the one before ends the chain.
    const whole = tail.text === undefined ? files.at(-2) : last;
    if (whole !== undefined) this.#head = await headOf(whole);
    if (tail.tornBytes > 0) await truncate(last.path, tail.wholeBytes);
    this.#file = await open(last.path, "a", 0o600);
    this.#bytes = tail.wholeBytes;
    const marks: Pick<AuditMark, "kind" | "dropped">[] = tail.text === undefined ? [{ kind: "begin" }] : [];
    if (tail.tornBytes > 0) marks.push({ kind: "recovered", dropped: tail.tornBytes });
    await this.#write(marks);
    await this.#file.sync();
  }

  append(event: AuditEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      checkEvent(event);
      const { maxWaiting = 10_000 } = this.#options;
      const full = this.#waiting.length >= maxWaiting ? `${maxWaiting} already wait to be written` : undefined;
      const why = this.#refuses ?? full;
      if (why !== undefined) throw AuditErrors.AUDIT_CLOSED({ why });
      this.#waiting.push({ event, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    const wasWhole = this.#refuses === undefined;
    this.#refuses ??= "it is closed";
    await this.#writing;
    if (wasWhole && this.#file !== undefined && this.#sinceCheckpoint > 0) {
      await this.#checkpoint();
      await this.#file.datasync();
      this.#options.onCheckpoint?.(this.#head);
    }
    await this.abandon();
  }

  async abandon(): Promise<void> {
    this.#cancelSync();
    await this.#file?.close();
    this.#file = undefined;
    await this.#unlock();
  }

  /** Writes whatever waits, as one piece, until nothing waits. */
  async #drain(): Promise<void> {
    // Calls of one turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeBatch(batch);
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        this.#refuses = `writing has failed: ${(cause as Error).message}`;
        const error = AuditErrors.AUDIT_CLOSED({ why: this.#refuses }, { cause });
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    if (this.#bytes >= this.#maxFileBytes) await this.#rotate();
    await this.#write(batch.map(({ event }) => event));
    this.#sinceCheckpoint += batch.length;
    const isCheckpoint = this.#sinceCheckpoint >= this.#checkpointEvery;
    if (isCheckpoint) await this.#checkpoint();
    const { sync = "always", onCheckpoint } = this.#options;
    if (sync === "always" || isCheckpoint) await this.#file?.datasync();
    else this.#syncLater(sync.everyMs);
    if (isCheckpoint) onCheckpoint?.(this.#head);
  }

  async #checkpoint(): Promise<void> {
    this.#sinceCheckpoint = 0;
    await this.#write([{ kind: "checkpoint" }]);
  }

  async #write(lines: readonly (AuditEvent | Pick<AuditMark, "kind" | "dropped">)[]): Promise<void> {
    if (lines.length === 0) return;
    const at = this.#clock.now();
    let head = this.#head;
    let text = "";
    for (const line of lines) {
      const linked = link(head, at, line);
      text += `${linked.text}\n`;
      head = linked.head;
    }
    await this.#file?.writeFile(text);
    this.#bytes += Buffer.byteLength(text);
    this.#head = head;
  }

  async #rotate(): Promise<void> {
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const path = trailFilePath(this.#options.folder, this.#head.sequence + 1);
    this.#file = await open(path, "ax", 0o600);
    this.#bytes = 0;
    await this.#write([{ kind: "begin" }]);
    await this.#file.sync();
    if (process.platform !== "win32") await syncFolder(dirname(path));
  }

  #syncLater(everyMs: number): void {
    if (this.#unsynced) return;
    this.#unsynced = true;
    const sync = (): void => {
      this.#unsynced = false;
      this.#file?.datasync().catch((error: Error) => {
        this.#refuses = `writing has failed: ${error.message}`;
      });
    };
    this.#cancelSync = this.#clock.timer(everyMs, sync, { background: true });
  }
}

async function headOf({ path, first }: TrailFile): Promise<ChainHead> {
  const { text = "" } = await tailOf(path);
  const read = readLine(text);
  if (read.why !== undefined) throw AuditErrors.AUDIT_DAMAGED({ file: path, line: "last", why: read.why });
  if (read.line.sequence < first) {
    throw AuditErrors.AUDIT_DAMAGED({ file: path, line: "last", why: "its number is before the file's first" });
  }
  return { sequence: read.line.sequence, hash: read.line.hash };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
