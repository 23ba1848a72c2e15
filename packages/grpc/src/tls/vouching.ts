import type { CancelTimer, Clock } from "@sampan/core";

/** An open connection, and the certificate that its peer has shown for it. Its methods must not throw. */
export interface Vouched {
  /** When the certificate begins and ends to hold, ms since the epoch. */
  readonly life: { readonly from: number; readonly until: number };
  /** Why the peer would not be let in now; undefined when it would. */
  refusal(): Error | undefined;
  /** Nine tenths of the life are over: time to make another connection. */
  onAgeing?(): void;
  /** The peer is believed no longer: no new calls, those in work may end. */
  onRefused(why: Error): void;
  /** `drainMs` after that: nothing goes on. */
  onTimeUp(): void;
}

/** Why a connection ends whose peer's certificate holds no longer: nothing is wrong with it. */
export const certificateExpired: Error = new Error("its certificate has expired");

/** What a check says that others have written: one that throws has refused. */
export function judged(check: () => Error | undefined): Error | undefined {
  try {
    return check();
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** The share of a certificate's life after which a connection is replaced (ours): as certificates are renewed at half. */
const ageing = 0.9;
/** One check of a chain takes about half a millisecond, so many connections are checked in several turns (ours). */
const checksPerTurn = 16;

/**
 * Holds open connections to what has let them in: each is asked again when something has changed, and none outlives its
 * peer's certificate. Whoever is refused has `drainMs` for the calls in work.
 */
export class Vouching {
  private readonly clock: Clock;
  private readonly drainMs: number;
  private readonly entries: Map<Vouched, Entry> = new Map();
  private unchecked: Vouched[] = [];
  private checking = false;

  constructor(drainMs: number, clock: Clock) {
    this.drainMs = drainMs;
    this.clock = clock;
  }

  add(vouched: Vouched): void {
    const { from, until } = vouched.life;
    const entry: Entry = { refused: false, cancel: () => {} };
    this.entries.set(vouched, entry);
    const expire = (): void => this.refuse(vouched, certificateExpired);
    const now = this.clock.now();
    const agesAt = from + (until - from) * ageing;
    if (vouched.onAgeing === undefined || agesAt <= now) {
      this.arm(entry, until - now, expire);
      return;
    }
    this.arm(entry, agesAt - now, () => {
      this.arm(entry, until - this.clock.now(), expire);
      vouched.onAgeing?.();
    });
  }

  /** The connection is gone. */
  remove(vouched: Vouched): void {
    this.entries.get(vouched)?.cancel();
    this.entries.delete(vouched);
  }

  /** What peers are held against has changed. */
  recheck(): void {
    this.unchecked = [...this.entries.keys()];
    if (!this.checking) this.checkSome();
  }

  close(): void {
    for (const { cancel } of this.entries.values()) cancel();
    this.entries.clear();
    this.unchecked = [];
  }

  private checkSome(): void {
    for (let i = 0; i < checksPerTurn; i++) {
      const vouched = this.unchecked.pop();
      if (vouched === undefined) break;
      if (this.entries.get(vouched)?.refused !== false) continue;
      const why = this.clock.now() < vouched.life.until ? vouched.refusal() : certificateExpired;
      if (why !== undefined) this.refuse(vouched, why);
    }
    this.checking = this.unchecked.length > 0;
    if (this.checking) setImmediate(() => this.checkSome());
  }

  private refuse(vouched: Vouched, why: Error): void {
    const entry = this.entries.get(vouched);
    if (entry === undefined) return;
    entry.refused = true;
    this.arm(entry, this.drainMs, () => vouched.onTimeUp());
    vouched.onRefused(why);
  }

  private arm(entry: Entry, ms: number, fire: () => void): void {
    entry.cancel();
    entry.cancel = this.clock.timer(Math.max(0, ms), fire, { background: true });
  }
}

interface Entry {
  refused: boolean;
  /** Of the next thing that time brings: ageing, expiry, or the end. */
  cancel: CancelTimer;
}
