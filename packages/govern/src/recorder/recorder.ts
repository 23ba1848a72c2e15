import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open, rename } from "node:fs/promises";
import type { Call, Layer } from "@sampan/core";
import type { Counter, Logger, Meter } from "@sampan/core/ports";
import { callerOf, stableRelease } from "../rules/matching/attributes.js";
import type { RecordedCall } from "./recorded-call.js";

export interface RecorderOptions {
  /** The file; the one before is kept beside it as `<path>.1`, and replaces the one before that. */
  readonly path: string;
  /** The file is turned over when it would be longer. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Calls that wait to be written; more are dropped and counted. Default 10,000. */
  readonly maxQueue?: number;
  readonly meter?: Meter;
  readonly logger?: Logger;
}

/**
 * Writes down every call that passes its layers, for `sampan rules try`: when it ends, one JSON line without bodies,
 * headers or names of users. Calls never wait for the disk; when it is too slow, calls are left out and counted.
 */
export class Recorder {
  readonly #options: Required<Pick<RecorderOptions, "path" | "maxBytes" | "maxQueue">> & RecorderOptions;
  readonly #dropped: Counter | undefined;
  /** Users cannot be found by hashing all that there are. */
  readonly #salt = randomBytes(16);
  #queue: RecordedCall[] = [];
  #file: FileHandle | undefined;
  #size = 0;
  #writing: Promise<void> | undefined;
  #closed = false;
  /** Calls that were left out. */
  dropped = 0;

  constructor(options: RecorderOptions) {
    this.#options = { ...options, maxBytes: options.maxBytes ?? 64 << 20, maxQueue: options.maxQueue ?? 10_000 };
    this.#dropped = options.meter?.counter({
      name: "govern_recorder_dropped_total",
      help: "Calls that the recorder left out.",
    });
  }

  /** The same layer on both sides; outermost, so that it sees what the caller sees. */
  get layer(): Layer {
    return (next) => (request, call) => {
      call.onSettle((error) => this.#record(call, error?.code ?? 0, error?.reason ?? ""));
      return next(request, call);
    };
  }

  /** Writes what waits, and stops. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing !== undefined) await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  #record(call: Call, code: number, reason: string): void {
    const { method } = call;
    if (method === undefined || this.#closed) return;
    if (this.#queue.length >= this.#options.maxQueue) {
      this.#drop(1);
      return;
    }
    this.#queue.push({
      at: call.startedAt,
      method: method.path.slice(1),
      side: call.side === "client" ? "client" : "server",
      tenant: call.tenant,
      caller: callerOf(call),
      release: call.releaseTag === "" ? stableRelease : call.releaseTag,
      labels: Object.fromEntries(call.baggage),
      user: call.user === undefined ? "" : this.#hash(call.user.subject),
      durationMs: call.runtime.clock.now() - call.startedAt,
      code,
      reason,
      idempotent: method.idempotent,
      timeoutMs: Math.max(0, call.deadline - call.startedAt),
    });
    this.#writing ??= this.#write();
  }

  #hash(subject: string): string {
    return createHash("sha256").update(this.#salt).update(subject).digest("hex").slice(0, 16);
  }

  #drop(calls: number): void {
    this.dropped += calls;
    this.#dropped?.add(calls);
  }

  async #write(): Promise<void> {
    // Lets the calls that end together be written together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#append(batch);
      } catch (error) {
        this.#drop(batch.length);
        this.#options.logger?.error("calls could not be recorded", { error, calls: batch.length });
      }
    }
    this.#writing = undefined;
  }

  async #append(batch: readonly RecordedCall[]): Promise<void> {
    let chunk = "";
    let bytes = 0;
    const { maxBytes } = this.#options;
    for (const call of batch) {
      const line = `${JSON.stringify(call)}\n`;
      const length = Buffer.byteLength(line);
      await this.#open();
      if (this.#size + bytes > 0 && this.#size + bytes + length > maxBytes) {
        await this.#flush(chunk, bytes);
        chunk = "";
        bytes = 0;
        await this.#turnOver();
      }
      chunk += line;
      bytes += length;
    }
    await this.#flush(chunk, bytes);
  }

  async #flush(chunk: string, bytes: number): Promise<void> {
    if (bytes === 0) return;
    const file = await this.#open();
    await file.appendFile(chunk);
    this.#size += bytes;
  }

  async #open(): Promise<FileHandle> {
    if (this.#file === undefined) {
      // Readable by its owner only: it tells who calls what, and when.
      this.#file = await open(this.#options.path, "a", 0o600);
      this.#size = (await this.#file.stat()).size;
    }
    return this.#file;
  }

  async #turnOver(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    await rename(this.#options.path, `${this.#options.path}.1`);
    await this.#open();
  }
}
