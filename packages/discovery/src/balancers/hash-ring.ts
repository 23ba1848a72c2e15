import type { Endpoint } from "@sampan/core/ports";
import { hash } from "./hash.js";

/** Points of an endpoint of average weight. More make the shares more even: with 160 they differ by about a tenth. */
const pointsOfAverage = 160;
/** However uneven the weights, a ring stays below this for each endpoint. */
const mostPoints = 1600;

/**
 * A circle of points, each owned by an endpoint, in numbers by weight. A key belongs to the first point behind it, so
 * an endpoint that comes or goes moves only its own share of the keys.
 */
export class HashRing {
  #points: Uint32Array = new Uint32Array(0);
  #owners: Int32Array = new Int32Array(0);
  #made = "";

  get size(): number {
    return this.#points.length;
  }

  fill(endpoints: readonly Endpoint[]): void {
    const total = endpoints.reduce((sum, each) => sum + each.instance.weight, 0);
    const average = total === 0 ? 1 : total / endpoints.length;
    const shares = endpoints.map(({ instance }) =>
      Math.min(mostPoints, Math.max(1, Math.round((instance.weight / average) * pointsOfAverage))),
    );
    // Weights that warm up change every second and the ring does not.
    const made = endpoints.map(({ instance }, i) => `${instance.id}\n${shares[i]}`).join("\n");
    if (made === this.#made) return;
    this.#made = made;
    const points: { at: number; owner: number }[] = [];
    endpoints.forEach(({ instance }, owner) => {
      for (let i = 0; i < (shares[owner] as number); i++) points.push({ at: hash(`${instance.id}#${i}`), owner });
    });
    points.sort((a, b) => a.at - b.at || a.owner - b.owner);
    this.#points = Uint32Array.from(points, ({ at }) => at);
    this.#owners = Int32Array.from(points, ({ owner }) => owner);
  }

  /** The index of the point that a hash belongs to. The ring must not be empty. */
  find(wanted: number): number {
    const points = this.#points;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((points[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low === points.length ? 0 : low;
  }

  /** The place of the endpoint that owns a point; indexes go round. */
  owner(index: number): number {
    return this.#owners[index % this.#owners.length] as number;
  }
}
