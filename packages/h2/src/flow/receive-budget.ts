/**
 * How many received octets may be held in memory at once. One object for the process, and one per connection whose
 * parent is the process's: an octet must fit in both.
 *
 * What is charged: octets that the application has been given and neither consumed nor dropped, and octets that it
 * holds in messages under assembly. Nobody waits for a budget: a taker that does not fit is refused and its stream is
 * reset, which frees what it held, so a thousand large messages cannot lock each other out.
 */
export class ReceiveBudget {
  readonly limit: number;
  used = 0;
  /** How often `take` was refused. */
  refused = 0;
  private readonly parent: ReceiveBudget | undefined;

  constructor(limit: number, parent?: ReceiveBudget) {
    this.limit = limit;
    this.parent = parent;
  }

  take(octets: number): boolean {
    if (this.used + octets > this.limit || this.parent?.take(octets) === false) {
      this.refused++;
      return false;
    }
    this.used += octets;
    return true;
  }

  give(octets: number): void {
    this.used -= octets;
    this.parent?.give(octets);
  }
}
