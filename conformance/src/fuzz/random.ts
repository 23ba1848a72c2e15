import { seededRandom } from "@sampan/testkit";

/** Choices of a generator; the same ones for the same seed. */
export class Random {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** From 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Mostly small, sometimes at the edges where limits lie. */
  size(edges: readonly number[]): number {
    if (this.chance(0.25)) return this.pick(edges) + this.below(3) - 1;
    return this.below(2 ** this.below(12));
  }

  hex(octets: number): string {
    let text = "";
    for (let i = 0; i < octets; i++) text += this.below(256).toString(16).padStart(2, "0");
    return text;
  }
}
