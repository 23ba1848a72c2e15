import { PassWindow } from "./pass-window.js";

/** What the process shows of its load when a call arrives. */
export interface LoadSignal {
  /** How long this turn of the event loop has lasted, ms. */
  readonly turnMs: number;
  /** How late the event loop has been lately, ms. */
  readonly delayMs: number;
}

/** How much more delay each class of importance bears: critical, high, normal, low. */
const bears = [4, 2, 1, 0.5] as const;

/**
 * Decides which calls are refused when the process cannot keep up. Nothing is refused while the event loop is on time.
 * The turn that it is in counts as it would if it ended now: a server that has been idle can find so much to read that one
 * turn lasts for seconds (bench `overload`). Over the trigger a call is refused
 *
 * - when this turn of the loop has lasted longer than the trigger: calls that arrived together take the processor from one
 *   another, and those behind would be late. A turn so admits about a trigger's worth of work, whatever arrives;
 * - when more calls are in work than the process has shown that it can finish: `concurrency > 1 && concurrency >
 *   maxCompleteQps · minRtMs / 1000` (Sentinel's system rule, after BBR).
 *
 * The trigger rises with importance, so the unimportant goes first.
 */
export class Shedder {
  /** Over the last five seconds. */
  readonly window: PassWindow = new PassWindow(10, 500);
  #maxDelayMs: number;
  #inFlight = 0;

  constructor(maxDelayMs: number) {
    this.#maxDelayMs = maxDelayMs;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether a call of this rank (0 is the most important) may begin. Hot: bench `govern`. */
  admits(rank: number, signal: LoadSignal, now: number): boolean {
    const trigger = this.#maxDelayMs * (bears[rank] ?? 1);
    const { turnMs, delayMs } = signal;
    const delay = turnMs > delayMs ? (delayMs + turnMs) / 2 : delayMs;
    if (delay <= trigger) return true;
    if (turnMs > trigger) return false;
    return this.#inFlight <= 1 || this.#inFlight <= this.window.capacity(now);
  }

  began(): void {
    this.#inFlight++;
  }

  ended(tookMs: number, now: number): void {
    this.#inFlight--;
    this.window.add(tookMs, now);
  }

  reload(maxDelayMs: number): void {
    this.#maxDelayMs = maxDelayMs;
  }
}
