import { DueQueue } from "./due-queue.js";
import type { ProbePolicy } from "./policy.js";

export type Verdict = "up" | "down" | "unknown";

interface Target {
  readonly id: string;
  nextAt: number;
  /** Whether a probe of it is under way. */
  busy: boolean;
  /** Successes (above 0) or failures (below 0) in a row. */
  streak: number;
  verdict: Verdict;
}

/**
 * When to probe what, and what the outcomes mean. A decider. Targets are spread over the interval as they come, so that
 * a thousand of them are not probed in one instant; the last outcome counts from the start of its probe.
 */
export class ProbeSchedule {
  readonly #policy: ProbePolicy;
  readonly #targets = new Map<string, Target>();
  readonly #spread: () => number;
  /** Every target that is not busy is in it once with its time; older entries are passed over. */
  readonly #queue = new DueQueue<{ readonly at: number; readonly target: Target }>();
  #running = 0;

  /** `spread` gives numbers in [0, 1). */
  constructor(policy: ProbePolicy, spread: () => number) {
    this.#policy = policy;
    this.#spread = spread;
  }

  /** The full set of targets. What is known of those that stay is kept; a new one is probed within an interval. */
  update(ids: Iterable<string>, now: number): void {
    const wanted = new Set(ids);
    for (const [id, target] of this.#targets) {
      if (wanted.has(id)) continue;
      if (target.busy) this.#running--;
      this.#targets.delete(id);
    }
    for (const id of wanted) {
      if (this.#targets.has(id)) continue;
      // Within a fifth of the interval: an instance that nobody has probed takes no traffic yet.
      const nextAt = now + (this.#spread() * this.#policy.intervalMs) / 5;
      const target: Target = { id, nextAt, busy: false, streak: 0, verdict: "unknown" };
      this.#targets.set(id, target);
      this.#queue.push({ at: nextAt, target });
    }
  }

  /** What to probe now; each is under way from here on and must be answered by `ended`. */
  due(now: number): string[] {
    const due: string[] = [];
    for (let at = this.nextAt(); at <= now; at = this.nextAt()) {
      const { target } = this.#queue.pop() as { readonly target: Target };
      this.#running++;
      target.busy = true;
      // By the plan and not by the clock, so that a late look does not shift all later ones.
      target.nextAt = Math.max(target.nextAt + this.#policy.intervalMs, now);
      due.push(target.id);
    }
    return due;
  }

  /** When `due` has something next; Infinity when nothing waits or all places are taken. */
  nextAt(): number {
    if (this.#running >= this.#policy.maxConcurrent) return Number.POSITIVE_INFINITY;
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      if (this.#targets.get(first.target.id) === first.target) return first.at;
      this.#queue.pop();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** A probe has ended. True when the verdict has changed. */
  ended(id: string, ok: boolean): boolean {
    const target = this.#targets.get(id);
    if (target === undefined || !target.busy) return false;
    target.busy = false;
    this.#running--;
    this.#queue.push({ at: target.nextAt, target });
    target.streak = ok ? Math.max(1, target.streak + 1) : Math.min(-1, target.streak - 1);
    const before = target.verdict;
    // The first outcome decides by itself: there is nothing to be cautious about yet.
    if (target.streak >= this.#policy.successes || (ok && before === "unknown")) target.verdict = "up";
    if (-target.streak >= this.#policy.failures || (!ok && before === "unknown")) target.verdict = "down";
    return target.verdict !== before;
  }

  verdict(id: string): Verdict {
    return this.#targets.get(id)?.verdict ?? "unknown";
  }
}
