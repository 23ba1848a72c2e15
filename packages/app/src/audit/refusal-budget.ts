/**
 * How many refused calls get an entry: so many a second, so that whoever is refused cannot fill the disk. A decider.
 */
export class RefusalBudget {
  readonly #perSecond: number;
  #second = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #left = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** How many got none since the last that got one; undefined when this one gets none either. */
  take(now: number): number | undefined {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
    }
    if (this.#taken >= this.#perSecond) {
      this.#left++;
      return undefined;
    }
    this.#taken++;
    const left = this.#left;
    this.#left = 0;
    return left;
  }
}
