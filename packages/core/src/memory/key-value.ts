import { type Clock, systemClock } from "../clock.js";
import { Code } from "../code.js";
import { defineErrors, type Errors } from "../error-registry.js";
import type { KeyValue, TokenGrant, TokenRequest } from "../ports/key-value.js";
import { RpcError } from "../rpc-error.js";

export const KeyValueErrors: Errors<"KEY_VALUE_FULL" | "KEY_VALUE_TOO_LARGE" | "KEY_VALUE_KIND"> = defineErrors(
  "core",
  {
    KEY_VALUE_FULL: {
      code: Code.ResourceExhausted,
      message: "the key-value store holds {limit} entries, which is its limit",
      fix: "give entries a time to live, or raise the store's maxEntries",
    },
    KEY_VALUE_TOO_LARGE: {
      code: Code.InvalidArgument,
      message: "the {what} has {size} bytes, more than the limit of {limit}",
      fix: "keep large values elsewhere and store a reference",
    },
    KEY_VALUE_KIND: {
      code: Code.FailedPrecondition,
      message: "{key} holds {held}, and this operation is for {wanted}",
      fix: "use different keys for values, counters and token buckets",
    },
  },
);

export interface MemoryKeyValueOptions {
  readonly clock?: Clock;
  /** Entries of all kinds; more are refused. Default 100000. */
  readonly maxEntries?: number;
  /** Of a key in characters and of a value in bytes; larger ones are refused. Default 512 and 1 MiB. */
  readonly maxKeyLength?: number;
  readonly maxValueBytes?: number;
}

type Kind = "a value" | "a counter" | "a token bucket";

interface Entry {
  readonly kind: Kind;
  value: Uint8Array;
  /** Of a counter its count, of a bucket its tokens at `at`. */
  amount: number;
  at: number;
  /** Monotonic ms. */
  expiresAt: number;
}

/** The store of one process. Lives as long as it does. */
export function memoryKeyValue(options: MemoryKeyValueOptions = {}): KeyValue {
  return new MemoryKeyValue(options);
}

const nothing = new Uint8Array(0);
/** Entries looked at when one is written, so that what has expired leaves without a timer. */
const sweptPerWrite = 4;

class MemoryKeyValue implements KeyValue {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #maxKeyLength: number;
  readonly #maxValueBytes: number;
  #sweep: Iterator<[string, Entry]> | undefined;
  #closed = false;

  constructor({ clock, maxEntries, maxKeyLength, maxValueBytes }: MemoryKeyValueOptions) {
    this.#clock = clock ?? systemClock;
    this.#maxEntries = maxEntries ?? 100_000;
    this.#maxKeyLength = maxKeyLength ?? 512;
    this.#maxValueBytes = maxValueBytes ?? 1_048_576;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#find(key, "a value", this.#open())?.value.slice();
  }

  async put(key: string, value: Uint8Array, ttlMs?: number): Promise<void> {
    const now = this.#open();
    this.#write(key, "a value", now, ttlMs).value = this.#copy(value);
  }

  async compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array | undefined,
    ttlMs?: number,
  ): Promise<boolean> {
    const now = this.#open();
    const held = this.#find(key, "a value", now)?.value;
    if (held === undefined || expected === undefined ? held !== expected : !sameBytes(held, expected)) return false;
    if (value === undefined) this.#entries.delete(key);
    else {
      const copy = this.#copy(value);
      this.#write(key, "a value", now, ttlMs).value = copy;
    }
    return true;
  }

  async increment(
    key: string,
    by: number,
    { limit = Number.POSITIVE_INFINITY, ttlMs }: { readonly limit?: number; readonly ttlMs?: number } = {},
  ): Promise<{ readonly added: boolean; readonly value: number }> {
    const now = this.#open();
    const held = this.#find(key, "a counter", now);
    const value = (held?.amount ?? 0) + by;
    if (value > limit) return { added: false, value: value - by };
    if (held !== undefined) held.amount = value;
    else if (by !== 0) this.#write(key, "a counter", now, ttlMs).amount = value;
    return { added: true, value };
  }

  async acquire(key: string, { tokens, ratePerSecond, burst }: TokenRequest): Promise<TokenGrant> {
    const now = this.#open();
    const perMs = ratePerSecond / 1000;
    let bucket = this.#find(key, "a token bucket", now);
    if (bucket === undefined) {
      bucket = this.#write(key, "a token bucket", now, undefined);
      bucket.amount = burst;
    } else {
      bucket.amount = Math.min(burst, bucket.amount + (now - bucket.at) * perMs);
    }
    const granted = Math.max(0, Math.min(tokens, bucket.amount));
    bucket.amount -= granted;
    bucket.at = now;
    bucket.expiresAt = now + (burst - bucket.amount) / perMs;
    return { granted, waitMs: bucket.amount >= 1 ? 0 : (1 - bucket.amount) / perMs };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
  }

  /** The time, if the store is open. */
  #open(): number {
    if (this.#closed) throw new RpcError(Code.Unavailable, "the key-value store is closed");
    return this.#clock.monotonic();
  }

  #find(key: string, kind: Kind, now: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt <= now) {
      this.#entries.delete(key);
      return undefined;
    }
    if (entry.kind !== kind) throw KeyValueErrors.KEY_VALUE_KIND({ key, held: entry.kind, wanted: kind });
    return entry;
  }

  /** The entry to write to, made when there is none, with its time to live begun anew. */
  #write(key: string, kind: Kind, now: number, ttlMs: number | undefined): Entry {
    const expiresAt = ttlMs === undefined ? Number.POSITIVE_INFINITY : now + ttlMs;
    let entry = this.#find(key, kind, now);
    if (entry !== undefined) {
      entry.expiresAt = expiresAt;
      return entry;
    }
    this.#limit("key", key.length, this.#maxKeyLength);
    this.#sweepSome(now, sweptPerWrite);
    if (this.#entries.size >= this.#maxEntries) this.#sweepSome(now, this.#entries.size);
    if (this.#entries.size >= this.#maxEntries)
      throw KeyValueErrors.KEY_VALUE_FULL({ limit: String(this.#maxEntries) });
    entry = { kind, value: nothing, amount: 0, at: now, expiresAt };
    this.#entries.set(key, entry);
    return entry;
  }

  #sweepSome(now: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#sweep ??= this.#entries.entries();
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = undefined;
        if (i > 0) return;
        continue;
      }
      const [key, entry] = next.value;
      if (entry.expiresAt <= now) this.#entries.delete(key);
    }
  }

  #copy(value: Uint8Array): Uint8Array {
    this.#limit("value", value.length, this.#maxValueBytes);
    return value.slice();
  }

  #limit(what: string, size: number, limit: number): void {
    if (size > limit) throw KeyValueErrors.KEY_VALUE_TOO_LARGE({ what, size: String(size), limit: String(limit) });
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
