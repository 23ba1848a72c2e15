import { hash } from "../balancers/hash.js";
import type { EndpointState } from "./endpoint-state.js";

/**
 * The `size` instances that one caller uses of a large service, so that connections do not grow with callers times
 * instances. Rendezvous hashing (Thaler, Ravishankar): every caller ranks instances in an order of its own, the same at
 * each look, so the load of all callers is even and an instance that comes or goes changes one place of a subset.
 */
export function subset(endpoints: readonly EndpointState[], caller: string, size: number): readonly EndpointState[] {
  if (size <= 0 || endpoints.length <= size) return endpoints;
  const ranked = endpoints.map((endpoint, place) => ({
    endpoint,
    place,
    rank: hash(`${caller}/${endpoint.instance.id}`),
  }));
  ranked.sort((a, b) => b.rank - a.rank || a.place - b.place);
  return ranked
    .slice(0, size)
    .sort((a, b) => a.place - b.place)
    .map(({ endpoint }) => endpoint);
}
