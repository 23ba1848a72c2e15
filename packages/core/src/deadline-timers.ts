import { CallList } from "./call-list.js";
import type { CancelTimer, Clock } from "./clock.js";

/** Something that ends at a time. */
export interface Expiring {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** For the list that holds it; -1 at first. */
  deadlinePlace: number;
  expire(): void;
}

/** Deadlines within one slot fire together, at its end: at most this much late (ms), never early. */
const slotMs = 4;

/**
 * One timer for all deadlines of a process. Adding and removing cost a map look-up and a list operation; only the
 * earliest slot holds a timer of the clock. Most calls settle long before their deadline, so slots mostly die empty.
 */
export class DeadlineTimers {
  readonly #clock: Clock;
  readonly #slots = new Map<number, Slot>();
  #armed = Number.POSITIVE_INFINITY;
  #resting = Number.NEGATIVE_INFINITY;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Entries that wait. */
  get size(): number {
    let size = 0;
    for (const slot of this.#slots.values()) size += slot.size;
    return size;
  }

  add(entry: Expiring): void {
    if (entry.deadline === Number.POSITIVE_INFINITY) return;
    const slot = slotOf(entry.deadline);
    let entries = this.#slots.get(slot);
    if (entries === undefined) {
      entries = new CallList("deadlinePlace");
      this.#slots.set(slot, entries);
    }
    entries.add(entry);
    if (slot < this.#armed) this.#arm(slot);
  }

  remove(entry: Expiring): void {
    const slot = slotOf(entry.deadline);
    const entries = this.#slots.get(slot);
    if (entries === undefined) return;
    entries.delete(entry);
    // The armed slot stays, so that a busy server does not re-arm for each call; its timer clears it.
    if (entries.size === 0 && slot !== this.#armed) this.#rest(slot);
  }

  /** The slot that emptied last stays too: calls one after the other would else make and drop one for each. */
  #rest(slot: number): void {
    const before = this.#resting;
    if (before === slot) return;
    this.#resting = slot;
    if (this.#slots.get(before)?.size === 0 && before !== this.#armed) this.#slots.delete(before);
  }

  #arm(slot: number): void {
    this.#cancel?.();
    this.#armed = slot;
    const wait = Math.max(0, slot * slotMs - this.#clock.now());
    this.#cancel = this.#clock.timer(wait, () => this.#fire(), { background: true });
  }

  #fire(): void {
    this.#armed = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    const due: Expiring[] = [];
    for (const [slot, entries] of this.#slots) {
      if (slot * slotMs <= now) {
        due.push(...entries.toArray());
        this.#slots.delete(slot);
      } else if (entries.size === 0) {
        this.#slots.delete(slot);
      } else if (slot < next) {
        next = slot;
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    for (const entry of due) entry.expire();
  }
}

type Slot = CallList<"deadlinePlace", Expiring>;

function slotOf(deadline: number): number {
  return Math.ceil(deadline / slotMs);
}
