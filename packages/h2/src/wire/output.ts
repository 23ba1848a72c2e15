/**
 * Where an engine writes its bytes: one growing buffer per connection, flushed by the driver once per turn.
 *
 * Who owns what: the driver makes the `Output`, hands it to the engine, and takes the filled buffers with `take()`.
 * A taken segment belongs to the driver until it gives it back with `recycle()`, which it may do only after the
 * transport has reported that the write is complete (the kernel or TLS may still be reading it before that), and in the
 * order in which they were taken. Octets that were `refer`red to belong to nobody who changes them.
 * Order: bytes leave in the order in which they were written. Failure: none; when `ended` is set nothing may follow.
 */
export interface OutputDriver {
  /** The output has gone from empty to not empty, or `end()` was called: flush before the next poll. */
  wake(): void;
}

/**
 * Octets to write: `view`, then give the segment back. `base` is a pooled buffer that no later segment lies in, or empty.
 */
export interface Segment {
  base: Buffer;
  readonly view: Buffer;
}

/** Shared by many connections so that an idle connection holds no buffer at all. */
export class BufferPool {
  readonly size: number;
  readonly keep: number;
  private readonly free: Buffer[] = [];

  /**
   * `size` defaults to four full TLS records (RFC 8446 section 5.1: 2^14 octets each), so that a flush fills them;
   * `keep` to 4 MB of spare buffers.
   */
  constructor(size = 65_536, keep = 64) {
    this.size = size;
    this.keep = keep;
  }

  acquire(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  release(buffer: Buffer): void {
    if (buffer.length === this.size && this.free.length < this.keep) this.free.push(buffer);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

export class Output {
  /** The buffer being filled; write at `length` after `reserve()`. */
  bytes: Buffer = NOTHING;
  length = 0;
  /** Octets written by the engine and not yet taken. */
  queued = 0;
  /** Octets of PING, SETTINGS, RST_STREAM and WINDOW_UPDATE written since the transport last drained. */
  control = 0;
  /** Set by the driver while the transport refuses more; DATA is not pulled meanwhile. */
  blocked = false;
  /** Since when, in the driver's milliseconds. */
  blockedSince = 0;
  /** The engine will write nothing more; the driver closes the transport once everything is out. */
  ended = false;

  private readonly pool: BufferPool;
  private readonly driver: OutputDriver;
  private full: Segment[] = [];
  /** Where the octets of `bytes` begin that are in no segment yet. */
  private cut = 0;
  private awake = false;

  constructor(pool: BufferPool, driver: OutputDriver) {
    this.pool = pool;
    this.driver = driver;
  }

  /**
   * Makes room for `n` contiguous octets at `length`. Hot: called once per frame, so the common case is one
   * comparison (guarded by the `unary` benchmark).
   */
  reserve(n: number): void {
    if (this.bytes.length - this.length < n) this.roll(n);
    if (!this.awake) this.wake();
  }

  /** Asks the driver for another flush although nothing may have been written (queued DATA can move again). */
  wake(): void {
    if (this.awake) return;
    this.awake = true;
    this.driver.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** Octets not yet taken by the driver. */
  get pending(): number {
    return this.queued + this.length - this.cut;
  }

  /** Sends octets from where they are, behind everything written so far. They must not be changed from now on. */
  refer(octets: Buffer): void {
    this.cutOff();
    this.full.push({ base: NOTHING, view: octets });
    this.queued += octets.length;
    if (!this.awake) this.wake();
  }

  /** Hands over everything written so far. The result is empty when there is nothing to send. */
  take(): Segment[] {
    this.awake = false;
    if (this.length > 0) this.leave();
    const taken = this.full;
    if (taken.length > 0) this.full = [];
    this.queued = 0;
    return taken;
  }

  /** Gives back a segment from `take()` whose write has completed. */
  recycle(segment: Segment): void {
    this.pool.release(segment.base);
  }

  private roll(n: number): void {
    if (this.length > 0) this.leave();
    else if (this.bytes.length > 0) this.pool.release(this.bytes);
    this.bytes = n <= this.pool.size ? this.pool.acquire() : Buffer.allocUnsafeSlow(n);
  }

  /** Makes a segment of what was written since the last one. */
  private cutOff(): void {
    const { cut, length } = this;
    if (length === cut) return;
    this.full.push({ base: NOTHING, view: this.bytes.subarray(cut, length) });
    this.queued += length - cut;
    this.cut = length;
  }

  /** Done with `bytes`: it goes back with the last segment. */
  private leave(): void {
    this.cutOff();
    (this.full[this.full.length - 1] as Segment).base = this.bytes;
    this.bytes = NOTHING;
    this.length = 0;
    this.cut = 0;
  }
}
