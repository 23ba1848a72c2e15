/**
 * Which of many events that are alike are told: the first of its kind, and then one each so often, with how many there
 * were in between. A decider.
 */
export class Repeats {
  readonly #everyMs: number;
  readonly #most: number;
  readonly #told = new Map<string, { at: number; untold: number }>();

  /** Of more kinds than `most` at a time the one that was first told is forgotten. */
  constructor(everyMs: number, most = 1000) {
    this.#everyMs = everyMs;
    this.#most = most;
  }

  /** How many of this kind have not been told since the last that was; undefined when this one is not told either. */
  note(kind: string, now: number): number | undefined {
    const known = this.#told.get(kind);
    if (known !== undefined && now - known.at < this.#everyMs) {
      known.untold++;
      return undefined;
    }
    this.#told.delete(kind);
    if (this.#told.size >= this.#most) this.#told.delete(this.#told.keys().next().value as string);
    this.#told.set(kind, { at: now, untold: 0 });
    return known?.untold ?? 0;
  }
}
