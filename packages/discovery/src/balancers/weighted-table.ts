/** Draws places with chances in proportion to their weights: running sums and a binary search. */
export class WeightedTable {
  #sums: Float64Array = new Float64Array(0);
  #count = 0;

  /** `weight` is asked once for each place, in order; what is not above 0 is never drawn unless all are. */
  fill(count: number, weight: (place: number) => number): void {
    if (this.#sums.length < count) this.#sums = new Float64Array(count * 2);
    this.#count = count;
    let sum = 0;
    for (let place = 0; place < count; place++) {
      sum += Math.max(0, weight(place));
      this.#sums[place] = sum;
    }
    if (sum === 0) for (let place = 0; place < count; place++) this.#sums[place] = place + 1;
  }

  /** The place for a number in [0, 1); -1 when the table is empty. */
  at(fraction: number): number {
    if (this.#count === 0) return -1;
    const sums = this.#sums;
    const wanted = fraction * (sums[this.#count - 1] as number);
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
