/**
 * A leaky bucket for frames that cost us work and bring none: it leaks with time and with useful traffic, and a peer
 * that makes it overflow is disconnected.
 *
 * Useful traffic empties it because honest peers send such frames in proportion to their calls (a window update per
 * data frame, a cancel per hedged call), and attackers send nothing else.
 */
export interface FloodLimit {
  /** Frames tolerated at once. */
  readonly burst: number;
  /** Frames tolerated per second for ever. */
  readonly perSecond: number;
}

export class FloodMeter {
  level = 0;
  private last = 0;
  private readonly burst: number;
  private readonly perMillisecond: number;

  constructor(limit: FloodLimit) {
    this.burst = limit.burst;
    this.perMillisecond = limit.perSecond / 1000;
  }

  /** Adds `cost`; true when the bucket has overflowed. `now` in milliseconds. */
  overflows(cost: number, now: number): boolean {
    const leaked = this.level - (now - this.last) * this.perMillisecond;
    this.last = now;
    this.level = Math.max(leaked, 0) + cost;
    return this.level > this.burst;
  }

  /** Hot: once per completed stream or data frame. */
  refund(amount: number): void {
    this.level = this.level > amount ? this.level - amount : 0;
  }
}
