import type { CancelTimer, Clock } from "@sampan/core";

/**
 * Says when a channel has had no call for `timeoutMs`; 0 never does. One timer at most, which looks again when calls have
 * come meanwhile, so that a call costs two additions and, when it is the last, a look at the clock.
 */
export class IdleTimer {
  private readonly timeoutMs: number;
  private readonly clock: Clock;
  private readonly onIdle: () => void;
  private calls = 0;
  private quietSince = 0;
  private cancel: CancelTimer | undefined = undefined;
  private closed = false;

  constructor(timeoutMs: number, clock: Clock, onIdle: () => void) {
    this.timeoutMs = timeoutMs;
    this.clock = clock;
    this.onIdle = onIdle;
  }

  /** No call since the last `onIdle`, or none at all. */
  get idle(): boolean {
    return this.timeoutMs > 0 && this.cancel === undefined;
  }

  /** True for the call that ends the idleness. */
  begin(): boolean {
    this.calls++;
    if (this.cancel !== undefined || this.timeoutMs === 0 || this.closed) return false;
    this.arm(this.timeoutMs);
    return true;
  }

  end(): void {
    if (--this.calls === 0) this.quietSince = this.clock.monotonic();
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  private arm(ms: number): void {
    this.cancel = this.clock.timer(ms, () => this.look(), { background: true });
  }

  private look(): void {
    this.cancel = undefined;
    const left = this.calls > 0 ? this.timeoutMs : this.quietSince + this.timeoutMs - this.clock.monotonic();
    if (left > 0) this.arm(left);
    else this.onIdle();
  }
}
