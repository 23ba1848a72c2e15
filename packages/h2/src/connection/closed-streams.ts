/**
 * The last streams that were closed, and how, because the answer to a late frame depends on it (RFC 9113 section 5.1):
 * after our own reset it is ignored, after the peer's end or reset it is an error.
 *
 * Bounded: a ring; what has fallen out is treated as never seen. Made on first use, so that idle connections hold
 * nothing. Hot on `add` only (once per stream).
 */
export const UNKNOWN = 0;
export const ENDED = 1;
export const RESET_BY_PEER = 2;
export const RESET_BY_US = 3;

export class ClosedStreams {
  private ids: Int32Array | undefined;
  private hows: Uint8Array | undefined;
  private count = 0;
  private readonly capacity: number;

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(id: number, how: number): void {
    this.ids ??= new Int32Array(this.capacity);
    this.hows ??= new Uint8Array(this.capacity);
    const slot = this.count++ & (this.capacity - 1);
    this.ids[slot] = id;
    this.hows[slot] = how;
  }

  how(id: number): number {
    const slot = this.ids?.indexOf(id) ?? -1;
    return slot < 0 ? UNKNOWN : (this.hows?.[slot] ?? UNKNOWN);
  }
}
