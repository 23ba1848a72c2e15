/** Tells connections that time has passed, all with one timer that does not keep the process alive. */
export interface Ticking {
  tick(now: number): void;
}

/** All time limits have this resolution, in milliseconds. */
const PERIOD = 1000;

export class Ticker {
  private readonly members = new Set<Ticking>();
  private timer: NodeJS.Timeout | undefined;

  add(member: Ticking): void {
    this.members.add(member);
    this.timer ??= setInterval(() => {
      const now = performance.now();
      for (const each of this.members) each.tick(now);
    }, PERIOD).unref();
  }

  delete(member: Ticking): void {
    this.members.delete(member);
    if (this.members.size > 0 || this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
